import { IconSettings } from '@tabler/icons-react';
import { Keys } from '../components/shortcuts.tsx';
import { Link } from '../router.tsx';
import { allNav, allSettings, type NavItem } from '../screens.ts';
import { mayDo, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import classes from './navigation.module.css';

/** What this reader may open. */
export const useNav = (): NavItem[] => {
  const me = useSession();
  const settings: NavItem = { to: '/settings', title: 'ui.settings.title', icon: IconSettings, order: 900 };
  const items = allNav().filter(item => mayDo(me, item.needs));
  return allSettings().some(item => mayDo(me, item.needs)) ? [...items, settings] : items;
};

export const Navigation = () => {
  const t = useTexts();
  const items = useNav();
  const line = (item: NavItem, index: number) => (
    <li key={item.to}>
      <Link to={item.to} exact={item.to === '/'} className={classes.link}>
        <item.icon size={19} stroke={1.7} className={classes.icon} />
        <span className={classes.label}>{t(item.title)}</span>
        {index < 9 && (
          <span className={classes.keys} aria-hidden="true">
            <Keys keys={`alt+${index + 1}`} />
          </span>
        )}
      </Link>
    </li>
  );
  return <ul className={classes.list}>{items.map((item, index) => line(item, index))}</ul>;
};
