import {
  type Column,
  DataTable,
  EmptyState,
  Facts,
  formatDuration,
  formatNumber,
  Panel,
  RelativeTime,
  Rows,
  Split,
  StatusBadge,
  useTexts,
} from '../../../ui/index.ts';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';
import { wordFor } from './state-badge.tsx';

type Resource = Connection['resources'][number];

export const OverviewTab = ({ connection }: { connection: Connection }) => (
  <Split
    aside={
      <Rows>
        <WebhooksPanel connection={connection} />
        <RefusedPanel connection={connection} />
      </Rows>
    }
  >
    <Rows>
      <ResourcesPanel connection={connection} />
      <WalksPanel connection={connection} />
    </Rows>
  </Split>
);

const ResourcesPanel = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const columns: Column<Resource>[] = [
    { key: 'code', title: t('connections.resource'), card: 'title', render: row => wordFor('connections.resource', row.code) },
    {
      key: 'records',
      title: t('connections.resource.records'),
      align: 'end',
      render: row => <bdi>{formatNumber(row.records)}</bdi>,
    },
    { key: 'gone', title: t('connections.resource.gone'), align: 'end', render: row => <bdi>{formatNumber(row.gone)}</bdi> },
    {
      key: 'read',
      title: t('connections.resource.read'),
      render: row => (row.polled_at ? <RelativeTime value={row.polled_at} /> : t('connections.list.not_yet')),
    },
    {
      key: 'state',
      title: t('connections.list.state'),
      card: 'aside',
      render: row =>
        row.failures > 0 ? (
          <StatusBadge tone="warn">{t('connections.resource.failing', { count: row.failures })}</StatusBadge>
        ) : (
          <StatusBadge tone="good">{t('connections.resource.fine')}</StatusBadge>
        ),
    },
  ];
  return (
    <Panel title={t('connections.resources.title')} description={t('connections.resources.text')} flush>
      <DataTable
        name="connection-resources"
        label={t('connections.resources.title')}
        columns={columns}
        list={{ rows: connection.resources }}
        rowKey={row => row.code}
        empty={null}
        plain
      />
    </Panel>
  );
};

type Walk = Connection['walks'][number];

const WalksPanel = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const columns: Column<Walk>[] = [
    { key: 'kind', title: t('connections.walk'), card: 'title', render: walk => t(`connections.walk.${walk.kind}`) },
    {
      key: 'state',
      title: t('connections.list.state'),
      card: 'aside',
      render: walk => (
        <StatusBadge tone={walk.state === 'done' ? 'good' : walk.state === 'failed' ? 'bad' : 'info'}>
          {t(`connections.walk.state.${walk.state}`)}
        </StatusBadge>
      ),
    },
    { key: 'done', title: t('connections.walk.read'), align: 'end', render: walk => <bdi>{formatNumber(walk.done)}</bdi> },
    {
      key: 'changed',
      title: t('connections.walk.changed'),
      align: 'end',
      render: walk => <bdi>{formatNumber(walk.changed)}</bdi>,
    },
    { key: 'started', title: t('connections.walk.started'), render: walk => <RelativeTime value={walk.started_at} /> },
    {
      key: 'took',
      title: t('connections.walk.took'),
      align: 'end',
      render: walk =>
        walk.finished_at ? formatDuration((Date.parse(walk.finished_at) - Date.parse(walk.started_at)) / 1000) : '',
    },
  ];
  return (
    <Panel title={t('connections.walks.title')} description={t('connections.walks.text')} flush>
      <DataTable
        name="connection-walks"
        label={t('connections.walks.title')}
        columns={columns}
        list={{ rows: connection.walks }}
        rowKey={walk => walk.id}
        empty={<EmptyState title={t('connections.walks.empty')} />}
        plain
      />
    </Panel>
  );
};

const WebhooksPanel = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const { webhooks } = connection;
  if (!webhooks.wanted) return null;
  return (
    <Panel title={t('connections.webhooks.title')}>
      {webhooks.address === null ? (
        <p className={classes.dim}>{t('connections.webhooks.none')}</p>
      ) : (
        <Facts
          items={[
            { label: t('connections.webhooks.address'), value: <bdi className={classes.mono}>{webhooks.address}</bdi> },
            {
              label: t('connections.webhooks.in_place'),
              value: webhooks.in_place === null ? t('connections.list.not_yet') : formatNumber(webhooks.in_place),
            },
            ...(webhooks.checked_at
              ? [{ label: t('connections.webhooks.checked'), value: <RelativeTime value={webhooks.checked_at} /> }]
              : []),
          ]}
        />
      )}
    </Panel>
  );
};

const RefusedPanel = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  if (!connection.webhooks.wanted) return null;
  return (
    <Panel title={t('connections.refused.title')} description={t('connections.refused.text')}>
      {connection.refused.length === 0 ? (
        <p className={classes.dim}>{t('connections.refused.none')}</p>
      ) : (
        <Facts
          items={connection.refused.map(one => ({
            label: wordFor('connections.refused', one.reason),
            value: (
              <>
                <bdi>{formatNumber(one.count)}</bdi>
                <span className={classes.dim}>
                  {' '}
                  · <RelativeTime value={one.last_at} />
                </span>
              </>
            ),
          }))}
        />
      )}
    </Panel>
  );
};
