import { Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { Keys, lettersOn, setLettersOn, useActiveShortcuts } from '../components/shortcuts.tsx';
import { useTexts } from '../texts.ts';
import classes from './shortcuts-help.module.css';

/** What `?` shows. */
const ShortcutsHelp = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const t = useTexts();
  const shortcuts = useActiveShortcuts();
  const [on, setOn] = useState(lettersOn);
  return (
    <Modal opened={opened} onClose={onClose} title={t('ui.shortcuts.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <dl className={classes.list}>
        {shortcuts.map(one => (
          <div key={one.keys + one.title} className={classes.line}>
            <dt>{one.title}</dt>
            <dd>
              <Keys keys={one.keys} />
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        label={t('ui.shortcuts.letters')}
        description={t('ui.shortcuts.letters_hint')}
        checked={on}
        onChange={event => {
          const next = event.currentTarget.checked;
          setLettersOn(next);
          setOn(next);
        }}
      />
    </Modal>
  );
};
export default ShortcutsHelp;
