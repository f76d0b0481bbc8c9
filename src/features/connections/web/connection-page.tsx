import { Alert, Button, Tabs } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import {
  Cards,
  formatDuration,
  formatNumber,
  JobProgress,
  KeyFigure,
  Loaded,
  Name,
  notifyDone,
  notifyError,
  oneOf,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  SkeletonPage,
  useLive,
  useMay,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { ComparisonPanel } from './comparison-panel.tsx';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';
import { DeliveriesTab } from './deliveries-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { StateBadge } from './state-badge.tsx';
import { WriteBacksTab } from './write-backs-tab.tsx';

const ConnectionPage = () => {
  const id = usePathParam('id');
  const refresh = useRefresh();
  useLive('connection', payload => {
    if (payload.id === id) void refresh('/api/connections');
  });
  const query = useQueryOf('GET /api/connections/:id', { params: { id } }, { keep: true, refetchEvery_ms: 20_000 });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {connection => <View connection={connection} />}
    </Loaded>
  );
};
export default ConnectionPage;

const tabs = ['overview', 'comparison', 'deliveries', 'changes', 'settings'] as const;

const View = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ tab: oneOf(tabs, 'overview') });
  return (
    <>
      <PageHeader
        title={<Name>{connection.name}</Name>}
        badge={<StateBadge of="state" state={connection.state} />}
        back={{ to: '/settings/connections', label: t('connections.list.title') }}
        description={t('connections.page.about', {
          kind: connection.label,
          address: connection.address,
          shop: connection.shop.name,
        })}
        actions={<Actions connection={connection} />}
      />
      <Rows>
        <Notice connection={connection} />
        {connection.walk?.job_id && (
          <Panel>
            <JobProgress id={connection.walk.job_id} title={t('connections.page.reading', { name: connection.name })} />
          </Panel>
        )}
        <Figures connection={connection} />
        <Tabs value={url.tab} onChange={tab => setUrl({ tab: (tab ?? 'overview') as 'overview' })} keepMounted={false}>
          <Tabs.List className={classes.tabs}>
            {tabs.map(tab => (
              <Tabs.Tab key={tab} value={tab}>
                {t(`connections.tab.${tab}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="overview">
            <OverviewTab connection={connection} />
          </Tabs.Panel>
          <Tabs.Panel value="comparison">
            <ComparisonPanel connection={connection} />
          </Tabs.Panel>
          <Tabs.Panel value="deliveries">
            <DeliveriesTab connection={connection} />
          </Tabs.Panel>
          <Tabs.Panel value="changes">
            <WriteBacksTab connection={connection} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab connection={connection} />
          </Tabs.Panel>
        </Tabs>
      </Rows>
    </>
  );
};

const Actions = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const mayWrite = useMay('connections:write');
  const verb = { invalidates: ['/api/connections'], onError: (error: Error) => notifyError(error) };
  const poll = useMutationOf('POST /api/connections/:id/poll', {
    ...verb,
    onSuccess: () => notifyDone(t('connections.action.polling')),
  });
  const pause = useMutationOf('POST /api/connections/:id/pause', verb);
  const resume = useMutationOf('POST /api/connections/:id/resume', verb);
  if (!mayWrite) return null;
  const params = { id: connection.id };
  return connection.state === 'paused' ? (
    <Button leftSection={<IconPlayerPlay size={16} />} loading={resume.isPending} onClick={() => resume.mutate({ params })}>
      {t('connections.action.resume')}
    </Button>
  ) : (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPause size={16} />}
        loading={pause.isPending}
        onClick={() => pause.mutate({ params })}
      >
        {t('connections.action.pause')}
      </Button>
      <Button leftSection={<IconRefresh size={16} />} loading={poll.isPending} onClick={() => poll.mutate({ params })}>
        {t('connections.action.poll')}
      </Button>
    </>
  );
};

/** Stopped or paused: what happened and what to do, before anything else. */
const Notice = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  if (connection.state === 'paused')
    return (
      <Alert color="gray" variant="light" icon={<IconPlayerPause size={18} />}>
        {t('connections.page.paused', { by: connection.paused_by ?? '' })} <RelativeTime value={connection.paused_at ?? ''} />
      </Alert>
    );
  if (!connection.trouble) return null;
  const isBroken = connection.state === 'broken';
  return (
    <Alert
      color={isBroken ? 'red' : 'yellow'}
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      role={isBroken ? 'alert' : undefined}
      title={t(isBroken ? 'connections.page.broken' : 'connections.page.stumbled')}
    >
      {connection.trouble.detail} {t('connections.page.tries', { count: connection.failures })}{' '}
      <RelativeTime value={connection.trouble.at} />
    </Alert>
  );
};

const Figures = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const { deliveries } = connection;
  const page = `/settings/connections/${connection.id}`;
  const compared = connection.comparison.slice(0, 7);
  return (
    <Cards min_px={190}>
      <KeyFigure
        label={t('connections.figure.lag')}
        value={connection.lag_seconds === null ? t('connections.list.not_yet') : formatDuration(connection.lag_seconds)}
        note={t('connections.figure.lag_note')}
      />
      <KeyFigure
        label={t('connections.figure.records')}
        value={formatNumber(connection.records)}
        note={t('connections.figure.records_note')}
      />
      <KeyFigure
        label={t('connections.figure.agreement')}
        to={`${page}?tab=comparison`}
        value={
          compared.length === 0
            ? t('connections.figure.not_compared')
            : t('connections.figure.days', { same: compared.length - connection.differing_days, all: compared.length })
        }
        trend={
          connection.differing_days > 0
            ? { direction: 'down', tone: 'warn', text: t('connections.list.differs', { count: connection.differing_days }) }
            : undefined
        }
        note={t('connections.figure.agreement_note')}
      />
      <KeyFigure
        label={t('connections.figure.deliveries')}
        to={`${page}?tab=deliveries`}
        value={formatNumber(deliveries.done)}
        trend={
          deliveries.failed > 0
            ? { direction: 'up', tone: 'bad', text: t('connections.list.failed', { count: deliveries.failed }) }
            : undefined
        }
        note={t('connections.figure.deliveries_note', {
          waiting: formatNumber(deliveries.waiting),
          repeats: formatNumber(deliveries.repeats),
        })}
      />
    </Cards>
  );
};
