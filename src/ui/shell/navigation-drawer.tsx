import { Drawer } from '@mantine/core';
import { useTexts } from '../texts.ts';
import { Navigation } from './navigation.tsx';
import classes from './shell.module.css';

/** The navigation on a narrow window. */
const NavigationDrawer = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const t = useTexts();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={280}
      title={<span className={classes.wordmark}>Regulars</span>}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <nav aria-label={t('ui.nav.main')}>
        <Navigation />
      </nav>
    </Drawer>
  );
};
export default NavigationDrawer;
