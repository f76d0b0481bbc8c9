import { IconPlugConnectedX } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { connection } from '../connection.ts';
import { useTexts } from '../texts.ts';
import classes from './banner.module.css';

/** The server cannot be reached: nothing typed is lost, what was sent waits and goes out again by itself. */
export const ConnectionBanner = () => {
  const t = useTexts();
  const since = useSyncExternalStore(connection.subscribe, connection.lostSince);
  return (
    <div role="status">
      {since !== null && (
        <div className={classes.banner} data-tone="bad">
          <IconPlugConnectedX size={18} aria-hidden className={classes.icon} />
          <span>{t('ui.connection.lost')}</span>
        </div>
      )}
    </div>
  );
};
