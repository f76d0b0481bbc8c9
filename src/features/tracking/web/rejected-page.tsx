/** The rejected events desk: what is wrong, how often, and every event behind it. */
import { Button } from '@mantine/core';
import {
  type AnswerOf,
  addressOf,
  type Column,
  DataTable,
  DownloadButton,
  EmptyState,
  Facet,
  FilterBar,
  formatNumber,
  Link,
  many,
  Name,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  StatusBadge,
  type Tone,
  text,
  useListOf,
  useLive,
  useMay,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { type Rejected, reasonOf } from './reason-of.ts';
import classes from './tracking.module.css';

type Group = AnswerOf<'GET /api/ingest/rejected/groups'>['data'][number];
type State = Rejected['state'];
const tones: Record<State, Tone> = { open: 'warn', replaying: 'info', replayed: 'good', discarded: 'quiet' };

/** Where it stands, in one word; of those sent again what became of them. */
export const RejectedState = ({ row }: { row: Pick<Rejected, 'state' | 'outcome'> }) => {
  const t = useTexts();
  const again = row.state === 'open' && row.outcome === 'rejected';
  const key = again ? 'again' : row.state === 'replayed' && row.outcome === 'duplicate' ? 'duplicate' : row.state;
  return <StatusBadge tone={again ? 'bad' : tones[row.state]}>{t(`tracking.rejected.state.${key}`)}</StatusBadge>;
};

const groupLink = (group: Group, path: string): string =>
  `${path}?${new URLSearchParams({ reason: group.reason, ...(group.write_key_id ? { key: group.write_key_id } : {}) })}`;

const RejectedPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  useLive('ingest', () => void refresh('/api/ingest/rejected'));
  const [url, setUrl] = useUrl({ state: many(), reason: text(), key: text() });
  const state = url.state[0] as State | undefined;
  const filters = { reason: url.reason || undefined, key: url.key || undefined, state };
  const list = useListOf('GET /api/ingest/rejected', { query: filters });
  const mayManage = useMay('tracking:manage');
  const filtered = url.reason !== '' || url.key !== '' || url.state.length > 0;
  const clear = () => setUrl({ state: [], reason: '', key: '' });
  return (
    <>
      <PageHeader
        title={t('tracking.rejected.title')}
        description={t('tracking.rejected.description')}
        actions={
          mayManage && (
            <DownloadButton
              address={addressOf('GET /api/ingest/rejected.csv', { query: filters })}
              fileName="rejected-events.csv"
            >
              {t('tracking.rejected.export')}
            </DownloadButton>
          )
        }
      />
      <Rows>
        <Groups />
        <Panel title={t('tracking.rejected.each')} flush>
          <DataTable
            plain
            name="rejected-events"
            label={t('tracking.rejected.each')}
            list={list}
            rowKey={row => row.id}
            rowLink={row => `/settings/rejected-events/${row.id}`}
            columns={useColumns()}
            toolbar={
              <FilterBar active={filtered} onClear={clear}>
                <Facet
                  label={t('tracking.rejected.state')}
                  options={(['open', 'replaying', 'replayed', 'discarded'] as const).map(value => ({
                    value,
                    label: t(`tracking.rejected.state.${value}`),
                  }))}
                  selected={url.state}
                  onChange={selected => setUrl({ state: selected })}
                  single
                />
                {(url.reason !== '' || url.key !== '') && (
                  <span className={classes.dim}>{t('tracking.rejected.only_group')}</span>
                )}
              </FilterBar>
            }
            empty={
              filtered ? (
                <EmptyState picture="search" title={t('tracking.rejected.none')} order={3} />
              ) : (
                <EmptyState title={t('tracking.rejected.empty')} order={3}>
                  {t('tracking.rejected.empty_text')}
                </EmptyState>
              )
            }
          />
        </Panel>
      </Rows>
    </>
  );
};
export default RejectedPage;

const useColumns = (): Column<Rejected>[] => {
  const t = useTexts();
  return [
    {
      key: 'what',
      title: t('tracking.rejected.what'),
      card: 'title',
      width: '22%',
      render: row => (
        <span className={classes.name}>
          <span className={classes.strong}>
            <Name>{row.name ?? row.type ?? t('tracking.rejected.unreadable')}</Name>
          </span>
          <span className={classes.dim}>
            <bdi>{row.user_id ?? row.anonymous_id ?? ''}</bdi>
          </span>
        </span>
      ),
    },
    { key: 'state', title: t('tracking.rejected.state'), card: 'aside', render: row => <RejectedState row={row} /> },
    { key: 'why', title: t('tracking.rejected.why'), render: row => reasonOf(row), width: '40%' },
    {
      key: 'key',
      title: t('tracking.rejected.key'),
      width: '10rem',
      optional: 'on',
      render: row => <Name>{row.write_key ?? ''}</Name>,
    },
    { key: 'at', title: t('tracking.rejected.at'), width: '9rem', render: row => <RelativeTime value={row.received_at} /> },
  ];
};

/** What waits, by what is wrong and who sends it. */
const Groups = () => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const groups = useQueryOf('GET /api/ingest/rejected/groups');
  const rows = groups.data?.data ?? [];
  if (rows.length === 0) return null;
  const columns: Column<Group>[] = [
    {
      key: 'why',
      title: t('tracking.rejected.why'),
      card: 'title',
      width: '46%',
      render: group => (
        <span className={`${classes.name} ${classes.roomy}`}>
          <span>{reasonOf(group)}</span>
          <span className={classes.dim}>
            <bdi>{group.names.map(one => one.name ?? t('tracking.rejected.no_name')).join(', ')}</bdi>
          </span>
        </span>
      ),
    },
    {
      key: 'count',
      title: t('tracking.rejected.waiting'),
      align: 'end',
      width: '6rem',
      render: group => <bdi className={classes.strong}>{formatNumber(group.count)}</bdi>,
    },
    { key: 'key', title: t('tracking.rejected.key'), render: group => <Name>{group.write_key ?? ''}</Name> },
    {
      key: 'first',
      title: t('tracking.rejected.first'),
      render: group => <RelativeTime value={group.first_at} />,
    },
    { key: 'last', title: t('tracking.rejected.last'), render: group => <RelativeTime value={group.last_at} /> },
  ];
  return (
    <Panel title={t('tracking.rejected.groups')} description={t('tracking.rejected.groups_note')} flush>
      <DataTable
        plain
        name="rejected-groups"
        label={t('tracking.rejected.groups')}
        columns={columns}
        rowKey={group => `${group.reason}/${group.write_key_id}`}
        rowLink={group => `${groupLink(group, '/settings/rejected-events')}&state=open`}
        list={{ rows }}
        rowActions={
          mayManage
            ? group => (
                <Button
                  component={Link}
                  to={groupLink(group, '/settings/rejected-events/mend')}
                  variant="light"
                  size="compact-sm"
                >
                  {t('tracking.rejected.mend_all', { count: group.count })}
                </Button>
              )
            : undefined
        }
        empty={null}
      />
    </Panel>
  );
};
