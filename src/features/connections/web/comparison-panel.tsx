import { Button } from '@mantine/core';
import { useState } from 'react';
import {
  type Column,
  DataTable,
  EmptyState,
  formatNumber,
  JobProgress,
  Link,
  MoneyText,
  Name,
  notifyError,
  Panel,
  StatusBadge,
  TimeText,
  useMay,
  useMaySee,
  useMutationOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';

type Day = Connection['comparison'][number];

/** Each day, theirs above ours; the orders that differ by name. */
export const ComparisonPanel = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const mayWrite = useMay('connections:write');
  const money = useMaySee('money');
  const refresh = useRefresh();
  const [job, setJob] = useState<string | null>(null);
  const compare = useMutationOf('POST /api/connections/:id/compare', {
    onSuccess: ({ job_id: id }) => setJob(id),
    onError: error => notifyError(error),
  });
  const pair = (theirs: React.ReactNode, ours: React.ReactNode) => (
    <span className={classes.pair}>
      <span>{theirs}</span>
      <span className={classes.dim}>{ours}</span>
    </span>
  );
  const columns: Column<Day>[] = [
    {
      key: 'day',
      title: t('connections.comparison.day'),
      card: 'title',
      render: day => <TimeText value={day.day} style="day" />,
    },
    {
      key: 'orders',
      title: t('connections.comparison.orders'),
      align: 'end',
      render: day => pair(<bdi>{formatNumber(day.their_orders)}</bdi>, <bdi>{formatNumber(day.our_orders)}</bdi>),
    },
  ];
  if (money)
    columns.push(
      {
        key: 'gross',
        title: t('connections.comparison.gross'),
        align: 'end',
        render: day => pair(<MoneyText money={day.their_gross} />, <MoneyText money={day.our_gross} />),
      },
      {
        key: 'net',
        title: t('connections.comparison.net'),
        align: 'end',
        render: day => pair(<MoneyText money={day.their_net} />, <MoneyText money={day.our_net} />),
      },
    );
  columns.push({
    key: 'differing',
    title: t('connections.comparison.differing'),
    render: day => <Differing day={day} />,
  });
  return (
    <Panel
      title={t('connections.comparison.title')}
      description={t('connections.comparison.text', { name: connection.label })}
      flush
      actions={
        mayWrite && (
          <Button variant="default" loading={compare.isPending} onClick={() => compare.mutate({ params: { id: connection.id } })}>
            {t('connections.comparison.now')}
          </Button>
        )
      }
    >
      {job && (
        <div style={{ padding: '0 20px 16px' }}>
          <JobProgress
            id={job}
            title={t('connections.comparison.running')}
            onOver={() => {
              setJob(null);
              void refresh('/api/connections');
            }}
          />
        </div>
      )}
      <DataTable
        name="connection-comparison"
        label={t('connections.comparison.title')}
        columns={columns}
        list={{ rows: connection.comparison }}
        rowKey={day => day.day}
        empty={<EmptyState title={t('connections.comparison.empty')}>{t('connections.comparison.empty_text')}</EmptyState>}
        plain
      />
    </Panel>
  );
};

const Differing = ({ day }: { day: Day }) => {
  const t = useTexts();
  if (day.differing.length === 0) return <StatusBadge tone="good">{t('connections.comparison.same')}</StatusBadge>;
  return (
    <span className={classes.differs}>
      {day.differing.map(one => (
        <span key={one.number}>
          {one.order_id ? (
            <Link to={`/orders/${one.order_id}`}>
              <Name>{one.number}</Name>
            </Link>
          ) : (
            <Name>{one.number}</Name>
          )}{' '}
          <span className={classes.dim}>{t(`connections.comparison.what.${one.what}`)}</span>
        </span>
      ))}
    </span>
  );
};
