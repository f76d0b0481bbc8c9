/** A customer's way through the segments: in which now, in which before, and why they came and went. */
import { DataTable, EmptyState, Loaded, Name, StatusBadge, TimeText, useAsOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import { Reasons } from './reasons.tsx';

const CustomerHistory = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const as_of = useAsOf();
  const history = useQueryOf(
    'GET /api/customers/:id/segment-history',
    { params: { id: customerId }, query: { as_of } },
    { keep: true },
  );
  return (
    <Loaded query={history}>
      {({ data }) => (
        <DataTable
          name="customer-segments"
          label={t('segments.web.title')}
          plain
          list={{ rows: data }}
          rowKey={row => row.segment_id + row.entered_at}
          rowLink={row => `/segments/${row.segment_id}`}
          columns={[
            { key: 'name', title: t('segments.web.name'), card: 'title', render: row => <Name>{row.name}</Name> },
            {
              key: 'state',
              title: t('segments.web.state'),
              card: 'aside',
              render: row =>
                row.left_at ? (
                  <StatusBadge>{t('segments.web.was_in')}</StatusBadge>
                ) : (
                  <StatusBadge tone="good">{t('segments.web.is_in')}</StatusBadge>
                ),
            },
            {
              key: 'entered',
              title: t('segments.web.entered'),
              render: row => (
                <>
                  <TimeText value={row.entered_at} />
                  <Reasons cause={row.entered_cause} reasons={row.entered_reasons} />
                </>
              ),
            },
            {
              key: 'left',
              title: t('segments.web.exited'),
              render: row =>
                row.left_at ? (
                  <>
                    <TimeText value={row.left_at} />
                    <Reasons cause={row.left_cause} reasons={row.left_reasons} />
                  </>
                ) : (
                  '–'
                ),
            },
          ]}
          empty={<EmptyState title={t('segments.web.in_none')}>{t('segments.web.in_none_why')}</EmptyState>}
        />
      )}
    </Loaded>
  );
};

export default CustomerHistory;
