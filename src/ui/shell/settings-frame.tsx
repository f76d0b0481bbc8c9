/** Settings: a menu of sections beside the section itself; on a phone the overview page is the menu. */
import type { ReactNode } from 'react';
import { Link } from '../router.tsx';
import { allSettings, type SettingsItem } from '../screens.ts';
import { mayDo, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import classes from './settings-frame.module.css';

export const useSettings = (): Map<string, SettingsItem[]> => {
  const me = useSession();
  return Map.groupBy(
    allSettings().filter(item => mayDo(me, item.needs)),
    item => item.group,
  );
};

export const SettingsFrame = ({ children }: { children: ReactNode }) => {
  const t = useTexts();
  const groups = useSettings();
  return (
    <div className={classes.frame}>
      <nav className={classes.menu} aria-label={t('ui.settings.title')}>
        {[...groups].map(([group, items]) => (
          <div key={group} className={classes.group}>
            <div className={classes.groupTitle}>{t(group)}</div>
            <ul className={classes.list}>
              {items.map(item => (
                <li key={item.to}>
                  <Link to={item.to} className={classes.link}>
                    {t(item.title)}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className={classes.content}>{children}</div>
    </div>
  );
};
