import { Button } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  formatDuration,
  formatNumber,
  Link,
  Loaded,
  Name,
  PageHeader,
  Panel,
  Rows,
  useLive,
  useMay,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import classes from './connections.module.css';
import { StateBadge } from './state-badge.tsx';

type Row = AnswerOf<'GET /api/connections'>['data'][number];

const ConnectionsPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  useLive('connection', () => void refresh('/api/connections'));
  const connections = useQueryOf('GET /api/connections', {}, { keep: true });
  return (
    <>
      <PageHeader title={t('connections.list.title')} description={t('connections.list.description')} />
      <Rows>
        <Loaded query={connections}>{({ data }) => (data.length === 0 ? <None /> : <Connected rows={data} />)}</Loaded>
        <Gallery />
      </Rows>
    </>
  );
};
export default ConnectionsPage;

const None = () => {
  const t = useTexts();
  return <EmptyState title={t('connections.list.empty')}>{t('connections.list.empty_text')}</EmptyState>;
};

const Connected = ({ rows }: { rows: readonly Row[] }) => {
  const t = useTexts();
  const columns: Column<Row>[] = [
    {
      key: 'name',
      title: t('connections.list.name'),
      card: 'title',
      render: row => (
        <div className={classes.name}>
          <span className={classes.strong}>
            <Name>{row.name}</Name>
          </span>
          <span className={classes.dim}>
            <bdi>{row.label}</bdi> · <bdi>{row.address}</bdi>
          </span>
        </div>
      ),
    },
    {
      key: 'state',
      title: t('connections.list.state'),
      card: 'aside',
      width: '9rem',
      render: row => <StateBadge of="state" state={row.state} />,
    },
    { key: 'lag', title: t('connections.list.read'), width: '13rem', render: row => <Read row={row} /> },
    {
      key: 'records',
      title: t('connections.list.records'),
      align: 'end',
      width: '8rem',
      render: row => <bdi>{formatNumber(row.records)}</bdi>,
    },
    { key: 'attention', title: t('connections.list.attention'), render: row => <Attention row={row} /> },
  ];
  return (
    <DataTable
      name="connections"
      label={t('connections.list.title')}
      columns={columns}
      list={{ rows }}
      rowKey={row => row.id}
      rowLink={row => `/settings/connections/${row.id}`}
      empty={null}
    />
  );
};

/** How far behind the shop we are, or how far the first reading is. */
const Read = ({ row }: { row: Row }) => {
  const t = useTexts();
  if (row.walk?.total)
    return t('connections.list.reading', { done: formatNumber(row.walk.done), total: formatNumber(row.walk.total) });
  if (row.lag_seconds === null) return <span className={classes.dim}>{t('connections.list.not_yet')}</span>;
  return <bdi>{t('connections.list.ago', { time: formatDuration(row.lag_seconds) })}</bdi>;
};

const Attention = ({ row }: { row: Row }) => {
  const t = useTexts();
  const said = [
    ...(row.state === 'broken' && row.trouble ? [row.trouble.detail] : []),
    ...(row.failed_deliveries > 0 ? [t('connections.list.failed', { count: row.failed_deliveries })] : []),
    ...(row.differing_days > 0 ? [t('connections.list.differs', { count: row.differing_days })] : []),
  ];
  return said.length === 0 ? <span className={classes.dim}>{t('connections.list.fine')}</span> : said.join(' ');
};

const Gallery = () => {
  const t = useTexts();
  const mayWrite = useMay('connections:write');
  const kinds = useQueryOf('GET /api/connection-kinds', {});
  return (
    <Panel title={t('connections.gallery.title')} description={t('connections.gallery.text')}>
      <Loaded query={kinds}>
        {({ data }) => (
          <div className={classes.kinds}>
            {data.map(kind => (
              <article key={kind.kind} className={classes.kind}>
                <h3 className={classes.kindName}>
                  <bdi>{kind.label}</bdi>
                </h3>
                <p className={classes.kindAbout}>{t(`connections.${kind.kind}.about`)}</p>
                {mayWrite && (
                  <Button
                    component={Link}
                    to={`/settings/connections/new/${kind.kind}`}
                    variant="light"
                    aria-label={t('connections.gallery.connect_label', { name: kind.label })}
                  >
                    {t('connections.gallery.connect')}
                  </Button>
                )}
              </article>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
};
