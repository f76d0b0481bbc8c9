import { IconHistory } from '@tabler/icons-react';
import { useAsOf, useSetAsOf } from '../as-of.tsx';
import { formatTime } from '../format.tsx';
import { useTexts } from '../texts.ts';
import classes from './banner.module.css';

/** Every figure below is told as of a past day; one press leads back to today. */
export const AsOfBanner = () => {
  const t = useTexts();
  const asOf = useAsOf();
  const setAsOf = useSetAsOf();
  if (!asOf) return null;
  return (
    <aside className={classes.banner} data-tone="warn" aria-label={t('ui.as_of.label')}>
      <IconHistory size={18} aria-hidden className={classes.icon} />
      <div>
        {t('ui.as_of.before')} <strong>{formatTime(asOf, 'day')}</strong>
        {t('ui.as_of.after')}{' '}
        <button type="button" className={classes.action} onClick={() => setAsOf(null)}>
          {t('ui.as_of.today')}
        </button>
      </div>
    </aside>
  );
};
