/** What was done to many customers at once, and the way back. */
import { Button } from '@mantine/core';
import {
  DataTable,
  EmptyState,
  formatNumber,
  Link,
  notifyError,
  PageHeader,
  StatusBadge,
  TimeText,
  type Tone,
  useListOf,
  useLive,
  useMutationOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import { CustomersNav } from '../../customers/web/index.tsx';
import { type Change, toldOf } from './told.ts';

const tones: Record<Change['state'], Tone> = { running: 'info', done: 'good', undoing: 'info', undone: 'quiet' };

const ChangesPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const list = useListOf('GET /api/bulk-changes', { query: {} });
  const undo = useMutationOf('POST /api/bulk-changes/:id/undo');
  useLive('bulk', () => void refresh('/api/bulk-changes'));
  const takeBack = async (id: string) => {
    try {
      await undo.mutateAsync({ params: { id } });
      await refresh('/api/bulk-changes');
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <>
      <PageHeader title={t('bulk.title')} description={t('bulk.intro')} />
      <CustomersNav />
      <DataTable
        name="bulk-changes"
        label={t('bulk.title')}
        list={list}
        rowKey={row => row.id}
        columns={[
          { key: 'what', title: t('bulk.column.what'), render: row => <bdi>{toldOf(t, row)}</bdi> },
          {
            key: 'state',
            title: t('bulk.column.state'),
            card: 'aside',
            render: row => <StatusBadge tone={tones[row.state]}>{t(`bulk.state.${row.state}`)}</StatusBadge>,
          },
          {
            key: 'customers',
            title: t('bulk.column.customers'),
            align: 'end',
            render: row =>
              row.state === 'running'
                ? `${formatNumber(row.worked)} / ${formatNumber(row.customers)}`
                : formatNumber(row.customers),
          },
          { key: 'changed', title: t('bulk.column.changed'), align: 'end', render: row => formatNumber(row.changed) },
          { key: 'by', title: t('bulk.column.by'), render: row => <bdi>{row.by_whom}</bdi> },
          { key: 'at', title: t('bulk.column.at'), render: row => <TimeText value={row.at} /> },
        ]}
        rowActions={row =>
          row.may_undo && (
            <Button size="compact-sm" variant="default" loading={undo.isPending} onClick={() => void takeBack(row.id)}>
              {t('bulk.undo')}
            </Button>
          )
        }
        empty={
          <EmptyState
            title={t('bulk.empty')}
            picture="list"
            action={
              <Button component={Link} to="/customers">
                {t('bulk.to_list')}
              </Button>
            }
          >
            {t('bulk.empty_why')}
          </EmptyState>
        }
      />
    </>
  );
};
export default ChangesPage;
