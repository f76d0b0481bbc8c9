import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  formatNumber,
  formatPercent,
  JobProgress,
  Link,
  MoneyText,
  Name,
  NumberText,
  notifyError,
  oneOf,
  PageHeader,
  PercentText,
  StatusBadge,
  TimeText,
  text,
  useAsOf,
  useListOf,
  useLive,
  useMay,
  useMaySee,
  useMutationOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { useReason } from '../../desk/web/index.tsx';

type Score = AnswerOf<'GET /api/scores'>['data'][number];
const sorts = ['value_at_risk', 'lapse', 'expected_sales', 'days_since'] as const;

const ScoresPage = () => {
  const t = useTexts();
  const money = useMaySee('money');
  const mayTrain = useMay('predictions:train');
  const as_of = useAsOf();
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({
    show: oneOf(['slipping', 'all'], 'slipping'),
    lapse: oneOf(['', '0.5', '0.75', '0.9'], ''),
    sort: oneOf(sorts, money ? 'value_at_risk' : 'lapse'),
    job: text(),
  });
  useLive('scores', () => void refresh('/api/scores'));
  const list = useListOf('GET /api/scores', {
    query: {
      as_of,
      slipping: url.show === 'slipping' ? 'true' : undefined,
      lapse_at_least: url.lapse ? Number(url.lapse) : undefined,
      sort: url.sort,
      count: 'true',
    },
  });
  const train = useMutationOf('POST /api/predictions/train', {
    onSuccess: ({ job_id }) => setUrl({ job: job_id }),
    onError: error => notifyError(error),
  });
  const filtered = url.show !== 'all' || url.lapse !== '';
  return (
    <>
      <PageHeader
        title={t('predictions.list.title')}
        description={t(url.show === 'slipping' ? 'predictions.list.slipping_description' : 'predictions.list.description')}
        actions={
          <>
            <Button component={Link} to="/predictions/record" variant="default">
              {t('predictions.list.track_record')}
            </Button>
            {mayTrain && (
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} />}
                loading={train.isPending}
                onClick={() => train.mutate({ body: { as_of } })}
              >
                {t('predictions.list.work_out')}
              </Button>
            )}
          </>
        }
      />
      {url.job && <JobProgress id={url.job} title={t('predictions.list.working')} />}
      <DataTable
        name="scores"
        label={t('predictions.list.title')}
        columns={useColumns(money)}
        rowKey={score => score.customer.id}
        rowLink={score => `/customers/${score.customer.id}`}
        list={list}
        sort={`-${url.sort}`}
        onSort={sort => setUrl({ sort: sort.replace(/^-/, '') as typeof url.sort })}
        toolbar={
          <FilterBar active={filtered} onClear={() => setUrl({ show: 'all', lapse: '' })}>
            <Facet
              label={t('predictions.list.show')}
              single
              options={[
                { value: 'slipping', label: t('predictions.list.slipping') },
                { value: 'all', label: t('predictions.list.everybody') },
              ]}
              selected={[url.show]}
              onChange={([show]) => setUrl({ show: (show ?? 'all') as typeof url.show })}
            />
            <Facet
              label={t('predictions.list.lapse')}
              single
              options={(['0.5', '0.75', '0.9'] as const).map(value => ({
                value,
                label: t('predictions.list.at_least', { share: formatPercent(Number(value), 0) }),
              }))}
              selected={url.lapse ? [url.lapse] : []}
              onChange={([lapse]) => setUrl({ lapse: (lapse ?? '') as typeof url.lapse })}
            />
            {list.total !== undefined && (
              <span>{t('predictions.list.people', { count: list.total, people: formatNumber(list.total) })}</span>
            )}
          </FilterBar>
        }
        empty={
          filtered ? (
            <EmptyState
              title={t('predictions.list.empty')}
              picture="search"
              action={
                <Button variant="default" onClick={() => setUrl({ show: 'all', lapse: '' })}>
                  {t('predictions.list.everybody')}
                </Button>
              }
            >
              {t('predictions.list.empty_about')}
            </EmptyState>
          ) : (
            <EmptyState
              title={t('predictions.list.nothing_yet')}
              picture="chart"
              action={
                <Button component={Link} to="/imports">
                  {t('predictions.list.import')}
                </Button>
              }
            >
              {t('predictions.list.nothing_yet_about')}
            </EmptyState>
          )
        }
      />
    </>
  );
};

const useColumns = (money: boolean): Column<Score>[] => {
  const t = useTexts();
  const reason = useReason();
  const columns: Column<Score>[] = [
    {
      key: 'customer',
      title: t('predictions.column.customer'),
      card: 'title',
      render: ({ customer }) => (
        <Name>{customer.name ?? t('predictions.customer', { id: customer.outside_id ?? customer.id })}</Name>
      ),
    },
    {
      key: 'slipping',
      title: t('predictions.slipping'),
      card: 'aside',
      render: score => score.slipping && <StatusBadge tone="bad">{t('predictions.slipping')}</StatusBadge>,
    },
  ];
  if (money) {
    columns.push(
      {
        key: 'value_at_risk',
        title: t('predictions.column.value_at_risk'),
        align: 'end',
        sort: 'value_at_risk',
        descendingFirst: true,
        render: score => <MoneyText money={score.value_at_risk} style="round" />,
      },
      {
        key: 'expected_sales',
        title: t('predictions.column.expected_sales'),
        align: 'end',
        sort: 'expected_sales',
        descendingFirst: true,
        render: score => <MoneyText money={score.expected_sales} style="round" />,
        optional: 'on',
      },
    );
  }
  columns.push(
    {
      key: 'lapse',
      title: t('predictions.column.lapse'),
      align: 'end',
      sort: 'lapse',
      descendingFirst: true,
      render: score => <PercentText share={score.lapse} digits={0} />,
      optional: 'on',
    },
    {
      key: 'days_since',
      title: t('predictions.column.days_since'),
      align: 'end',
      sort: 'days_since',
      descendingFirst: true,
      render: score => <NumberText value={score.days_since} />,
    },
    {
      key: 'rhythm',
      title: t('predictions.column.rhythm'),
      align: 'end',
      render: score => (score.usual_gap_days === null ? '–' : formatNumber(score.usual_gap_days, 1)),
      optional: 'on',
    },
    {
      key: 'purchase_days',
      title: t('predictions.column.purchase_days'),
      align: 'end',
      render: score => <NumberText value={score.purchase_days} />,
      optional: 'on',
    },
    {
      key: 'last_day',
      title: t('predictions.column.last_day'),
      render: score => <TimeText value={score.last_day} />,
      optional: 'off',
    },
    {
      key: 'why',
      title: t('predictions.column.why'),
      optional: 'on',
      render: score => {
        const [first] = (score.rhythm?.reasons ?? score.reasons).filter(one => one.effect === 'raises');
        return first ? <span>{reason(first.code, first.values)}</span> : '–';
      },
    },
  );
  if (money)
    columns.push({
      key: 'sales',
      title: t('predictions.column.sales'),
      align: 'end',
      render: score => <MoneyText money={score.sales} style="round" />,
      optional: 'off',
    });
  return columns;
};

export default ScoresPage;
