import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Link,
  Name,
  RelativeTime,
  useListOf,
  useTexts,
} from '../../../ui/index.ts';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';
import { StateBadge, wordFor } from './state-badge.tsx';

type WriteBack = AnswerOf<'GET /api/connections/:id/write-backs'>['data'][number];

export const WriteBacksTab = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const list = useListOf('GET /api/connections/:id/write-backs', { params: { id: connection.id }, query: {} });
  const columns: Column<WriteBack>[] = [
    {
      key: 'who',
      title: t('connections.write_back.who'),
      card: 'title',
      render: row => (
        <Link to={`/customers/${row.customer.id}`}>
          <Name>{row.customer.name ?? `#${row.customer.id}`}</Name>
        </Link>
      ),
    },
    { key: 'what', title: t('connections.write_back.what'), render: row => <What row={row} /> },
    {
      key: 'state',
      title: t('connections.list.state'),
      card: 'aside',
      width: '9rem',
      render: row => <StateBadge of="write_back" state={row.state} />,
    },
    {
      key: 'outcome',
      title: t('connections.write_back.outcome'),
      render: row => (row.outcome ? wordFor('connections.write_back.outcome', row.outcome) : ''),
    },
    { key: 'at', title: t('connections.write_back.at'), width: '10rem', render: row => <RelativeTime value={row.at} /> },
  ];
  return (
    <DataTable
      name="write-backs"
      label={t('connections.tab.changes')}
      list={list}
      rowKey={row => row.id}
      columns={columns}
      empty={
        <EmptyState title={t(connection.writes_back ? 'connections.write_back.empty' : 'connections.write_back.off')}>
          {t('connections.write_back.empty_text')}
        </EmptyState>
      }
    />
  );
};

const What = ({ row }: { row: WriteBack }) => {
  const t = useTexts();
  if (row.what === 'consent')
    return t(`connections.write_back.consent.${row.consent ?? 'unsubscribed'}`, {
      channel: wordFor('connections.channel', row.channel ?? ''),
    });
  return (
    <span className={classes.differs}>
      {row.add.map(tag => (
        <span key={`+${tag}`}>
          {t('connections.write_back.tag_added')} <Name>{tag}</Name>
        </span>
      ))}
      {row.remove.map(tag => (
        <span key={`-${tag}`}>
          {t('connections.write_back.tag_removed')} <Name>{tag}</Name>
        </span>
      ))}
    </span>
  );
};
