import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  EmptyState,
  formatNumber,
  formatRelative,
  formatTime,
  hasText,
  Link,
  Name,
  notifyDone,
  notifyError,
  oneOf,
  Panel,
  Rows,
  SkeletonPanel,
  StatusBadge,
  sentenceOf,
  useListOf,
  useLive,
  useMay,
  useMutationOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';

type OneAlert = AnswerOf<'GET /api/security/alerts'>['data'][number];

/** What an owner should look at: what happened, the evidence, and what to do. */
export const AlertList = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({ alerts: oneOf(['open', 'done'], 'open') });
  const list = useListOf('GET /api/security/alerts', { query: { state: url.alerts as 'open' } });
  useLive('alert', () => void refresh('/api/security/alerts'));
  return (
    <Rows>
      <SegmentedControl
        aria-label={t('access.alerts.which')}
        className={classes.segmented}
        data={[
          { value: 'open', label: t('access.alerts.open') },
          { value: 'done', label: t('access.alerts.seen') },
        ]}
        value={url.alerts}
        onChange={alerts => setUrl({ alerts: alerts as 'open' })}
      />
      {list.isLoading && <SkeletonPanel />}
      {list.error && <p role="alert">{sentenceOf(list.error)}</p>}
      {!list.isLoading && !list.error && list.rows.length === 0 && (
        <EmptyState picture="lock" title={t(`access.alerts.none_${url.alerts as 'open'}`)}>
          {t('access.alerts.none_text')}
        </EmptyState>
      )}
      {list.rows.map(alert => (
        <AlertCard key={alert.id} alert={alert} />
      ))}
      {list.hasMore && (
        <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
          {t('access.alerts.more')}
        </Button>
      )}
    </Rows>
  );
};

const grave = new Set<OneAlert['kind']>(['many_wrong_logins', 'bulk_read', 'large_export', 'export_stopped', 'new_device']);

const AlertCard = ({ alert }: { alert: OneAlert }) => {
  const t = useTexts();
  const mayWrite = useMay('staff:write');
  const [note, setNote] = useState('');
  const acknowledge = useMutationOf('POST /api/security/alerts/:id/acknowledge', {
    invalidates: ['/api/security/alerts'],
    onSuccess: () => notifyDone(t('access.alerts.done')),
    onError: error => notifyError(error),
  });
  const open = alert.acknowledged_at === null;
  return (
    <Panel
      title={t(`access.alert.${alert.kind}`, { name: alert.subject.name })}
      description={
        alert.times > 1
          ? t('access.alerts.times', {
              count: alert.times,
              first: formatTime(alert.first_at),
              last: formatRelative(alert.last_at),
            })
          : formatTime(alert.first_at)
      }
      actions={
        open ? (
          <StatusBadge tone={grave.has(alert.kind) ? 'bad' : 'warn'}>{t('access.alerts.to_look_at')}</StatusBadge>
        ) : (
          <StatusBadge tone="quiet">{t('access.alerts.looked_at')}</StatusBadge>
        )
      }
    >
      <dl className={classes.evidence}>
        {Object.entries(alert.evidence).map(([name, value]) => (
          <div key={name}>
            <dt>{t(`access.evidence.${name}`)}</dt>
            <dd>
              <bdi>{typeof value === 'number' ? formatNumber(value) : inWords(t, name, value)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <p>
        {t(`access.alert_do.${alert.kind}`)} <WayTo alert={alert} />
      </p>
      {open && mayWrite && (
        <div className={classes.acknowledge}>
          <TextInput
            aria-label={t('access.alerts.note')}
            placeholder={t('access.alerts.note')}
            value={note}
            maxLength={500}
            onChange={event => setNote(event.currentTarget.value)}
          />
          <Button
            variant="default"
            loading={acknowledge.isPending}
            onClick={() => acknowledge.mutate({ params: { id: alert.id }, body: { note: note.trim() === '' ? null : note } })}
          >
            {t('access.alerts.acknowledge')}
          </Button>
        </div>
      )}
      {!open && (
        <p className={classes.dim}>
          {t('access.alerts.by', { name: alert.acknowledged_by ?? '', time: formatTime(alert.acknowledged_at ?? '') })}
          {alert.note && (
            <>
              {' '}
              <Name>{alert.note}</Name>
            </>
          )}
        </p>
      )}
    </Panel>
  );
};

/** Kinds of files have names; everything else stands as it is. */
const inWords = (t: (key: string) => string, name: string, value: string): string => {
  const key = `access.export_kind.${value}`;
  return name === 'what' && hasText(key) ? t(key) : value;
};

/** Where to do something about it. */
const WayTo = ({ alert }: { alert: OneAlert }) => {
  const t = useTexts();
  if (alert.subject.kind === 'staff') return <Link to="/settings/team">{t('access.alerts.to_team')}</Link>;
  if (alert.subject.kind === 'api-key') return <Link to="/settings/api-keys">{t('access.alerts.to_keys')}</Link>;
  return <Link to="/settings/audit">{t('access.alerts.to_audit')}</Link>;
};
