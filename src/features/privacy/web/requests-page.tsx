/** What people asked about their data, by the day it must be answered. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  Name,
  oneOf,
  PageHeader,
  StatusBadge,
  TimeText,
  useListOf,
  useLive,
  useMay,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { NewRequest } from './new-request.tsx';

type Request = AnswerOf<'GET /api/privacy/requests'>['data'][number];

const RequestsPage = () => {
  const t = useTexts();
  const mayWrite = useMay('privacy:write');
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({ state: oneOf(['open', 'closed', 'all'], 'open') });
  const [open, setOpen] = useState(false);
  const list = useListOf('GET /api/privacy/requests', { query: { state: url.state as 'open' } });
  useLive('privacy-request', () => void refresh('/api/privacy/requests'));
  const columns: Column<Request>[] = [
    { key: 'kind', title: t('privacy.request.kind'), card: 'title', render: row => t(`privacy.kind.${row.kind}`) },
    {
      key: 'who',
      title: t('privacy.request.who'),
      render: row => <Name>{row.customer?.name ?? row.subject ?? t('privacy.request.nobody')}</Name>,
    },
    {
      key: 'due',
      title: t('privacy.request.due'),
      width: '12rem',
      render: row =>
        row.state === 'open' ? <TimeText value={row.due_on} /> : row.closed_at ? <TimeText value={row.closed_at} /> : null,
    },
    {
      key: 'state',
      title: t('privacy.request.state'),
      width: '12rem',
      card: 'aside',
      render: row => <State row={row} />,
    },
  ];
  return (
    <>
      <PageHeader
        title={t('privacy.requests.title')}
        description={t('privacy.requests.description')}
        actions={
          mayWrite && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
              {t('privacy.requests.add')}
            </Button>
          )
        }
      />
      <DataTable
        name="privacy-requests"
        label={t('privacy.requests.title')}
        list={list}
        rowKey={row => row.id}
        rowLink={row => `/settings/privacy-requests/${row.id}`}
        columns={columns}
        toolbar={
          <FilterBar>
            <Facet
              label={t('privacy.request.state')}
              options={(['open', 'closed', 'all'] as const).map(value => ({ value, label: t(`privacy.filter.${value}`) }))}
              single
              selected={[url.state]}
              onChange={value => setUrl({ state: (value.at(-1) ?? 'open') as 'open' })}
            />
          </FilterBar>
        }
        empty={
          <EmptyState title={t('privacy.requests.empty')} order={2}>
            {t('privacy.requests.empty_why')}
          </EmptyState>
        }
      />
      {open && <NewRequest onClose={() => setOpen(false)} />}
    </>
  );
};
export default RequestsPage;

export const State = ({ row }: { row: Pick<Request, 'state' | 'overdue' | 'identity'> }) => {
  const t = useTexts();
  if (row.state === 'done') return <StatusBadge tone="good">{t('privacy.state.done')}</StatusBadge>;
  if (row.state === 'refused') return <StatusBadge>{t('privacy.state.refused')}</StatusBadge>;
  if (row.overdue) return <StatusBadge tone="bad">{t('privacy.state.overdue')}</StatusBadge>;
  return row.identity === null ? (
    <StatusBadge tone="warn">{t('privacy.state.unchecked')}</StatusBadge>
  ) : (
    <StatusBadge tone="info">{t('privacy.state.open')}</StatusBadge>
  );
};
