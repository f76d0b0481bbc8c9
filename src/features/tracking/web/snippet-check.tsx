/** "Have we seen your site?": looks every three seconds. */
import { IconCheck, IconClock, IconShieldHalf } from '@tabler/icons-react';
import { formatNumber, Link, Loaded, Panel, RelativeTime, StatusBadge, useQueryOf, useTexts } from '../../../ui/index.ts';
import { Senders } from './senders.tsx';
import classes from './tracking.module.css';

const every_ms = 3_000;

export const SnippetCheck = ({ keyId }: { keyId: string }) => {
  const t = useTexts();
  const snippet = useQueryOf('GET /api/write-keys/:id/snippet', { params: { id: keyId } }, { refetchEvery_ms: every_ms });
  const state = snippet.data?.first_event_at ? 'seen' : snippet.data?.sight ? 'loaded' : 'waiting';
  return (
    <Panel
      title={t('tracking.snippet.check')}
      actions={<StatusBadge tone={state === 'seen' ? 'good' : 'warn'}>{t(`tracking.snippet.state.${state}`)}</StatusBadge>}
    >
      <Loaded query={snippet}>
        {data => (
          <>
            <ol className={classes.steps}>
              <Step done={data.sight !== null} title={t('tracking.snippet.step.loads')}>
                {data.sight ? (
                  <>
                    <bdi>{data.sight.origin ?? t('tracking.snippet.somewhere')}</bdi> ·{' '}
                    <RelativeTime value={data.sight.last_at} />
                  </>
                ) : (
                  t('tracking.snippet.step.loads_how')
                )}
              </Step>
              <Step done={data.first_event_at !== null} title={t('tracking.snippet.step.event')}>
                {data.first_event_at && data.last_event_at ? (
                  <>
                    {t('tracking.snippet.events', { count: data.events, number: formatNumber(data.events) })} ·{' '}
                    {t('tracking.snippet.first')} <RelativeTime value={data.first_event_at} /> · {t('tracking.snippet.last')}{' '}
                    <RelativeTime value={data.last_event_at} />
                  </>
                ) : (
                  t(data.sight && data.consent === 'ask' ? 'tracking.snippet.step.event_ask' : 'tracking.snippet.step.event_how')
                )}
              </Step>
              <Step
                icon={<IconShieldHalf size={17} aria-hidden />}
                done={data.gpc_last_at !== null}
                title={t('tracking.snippet.step.gpc')}
              >
                {data.gpc_last_at ? (
                  <>
                    {t('tracking.snippet.gpc', { count: data.gpc_events, number: formatNumber(data.gpc_events) })} ·{' '}
                    <RelativeTime value={data.gpc_last_at} />
                  </>
                ) : (
                  t('tracking.snippet.step.gpc_none')
                )}
              </Step>
            </ol>
            {data.lost > 0 && (
              <p className={classes.dim}>{t('tracking.snippet.lost', { count: data.lost, number: formatNumber(data.lost) })}</p>
            )}
            {data.senders.length > 0 && <Senders senders={data.senders} />}
            <p className={classes.dim}>
              <Link to="/settings/rejected-events">{t('tracking.snippet.rejected')}</Link>
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
};

const Step = ({
  done,
  title,
  icon,
  children,
}: {
  done: boolean;
  title: string;
  icon?: React.ReactNode;
  children: React.ReactNode;
}) => (
  <li className={classes.step} data-done={done || undefined}>
    <span className={classes.mark}>
      {icon ?? (done ? <IconCheck size={17} aria-hidden /> : <IconClock size={17} aria-hidden />)}
    </span>
    <span>
      <span className={classes.strong}>{title}</span>
      <span className={classes.stepText}>{children}</span>
    </span>
  </li>
);
