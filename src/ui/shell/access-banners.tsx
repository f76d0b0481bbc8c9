import { IconEye, IconShieldExclamation } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { formatTime } from '../format.tsx';
import { Link, useGo } from '../router.tsx';
import { useRefreshSession, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import classes from './banner.module.css';

/** Somebody looks as another person or role: what they see is not theirs, and nothing can be changed. */
export const ViewBanner = () => {
  const t = useTexts();
  const client = useQueryClient();
  const refresh = useRefreshSession();
  const go = useGo();
  const [busy, setBusy] = useState(false);
  const viewing = useSession()?.viewing;
  if (!viewing) return null;
  const end = async () => {
    setBusy(true);
    await call('DELETE', '/api/view-as').catch(() => undefined);
    client.removeQueries({ predicate: query => query.queryKey[0] !== 'GET /api/me' });
    await refresh();
    setBusy(false);
    go('/settings/team');
  };
  return (
    <aside className={classes.banner} data-tone="warn" aria-label={t('ui.viewing.label')}>
      <IconEye size={18} aria-hidden className={classes.icon} />
      <div>
        {t('ui.viewing.as', { name: viewing.as, until: formatTime(viewing.until, 'time') })}{' '}
        <button type="button" className={classes.action} onClick={() => void end()} disabled={busy}>
          {t('ui.viewing.end')}
        </button>
      </div>
    </aside>
  );
};

/** The organisation asks for a second factor and this person has none yet. */
export const SecondFactorBanner = () => {
  const t = useTexts();
  const standing = useSession()?.second_factor;
  if (!standing?.due_at) return null;
  return (
    <aside className={classes.banner} data-tone={standing.held ? 'bad' : 'warn'} aria-label={t('ui.second_factor.label')}>
      <IconShieldExclamation size={18} aria-hidden className={classes.icon} />
      <div>
        {standing.held ? t('ui.second_factor.held') : t('ui.second_factor.due', { until: formatTime(standing.due_at, 'day') })}{' '}
        <Link to="/settings/security" className={classes.action}>
          {t('ui.second_factor.set_up')}
        </Link>
      </div>
    </aside>
  );
};
