/** The people behind one figure of the conversion. */
import { Switch } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  FilterBar,
  flag,
  Name,
  oneOf,
  PageHeader,
  RelativeTime,
  text,
  useAsOf,
  useListOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { daysBefore } from './range.ts';

type Person = AnswerOf<'GET /api/carts/conversion/people'>['data'][number];
const steps = ['visits', 'views', 'carts', 'checkouts', 'orders'] as const;

const ConversionPeople = () => {
  const t = useTexts();
  const as_of = useAsOf();
  const [url, setUrl] = useUrl({
    step: oneOf(steps, 'carts'),
    days: oneOf(['7', '30', '90', '365'], '30'),
    shop: text(),
    stopped: flag(),
  });
  const list = useListOf('GET /api/carts/conversion/people', {
    query: {
      step: url.step,
      from: daysBefore(as_of, Number(url.days) - 1),
      to: as_of,
      shop: url.shop || undefined,
      stopped: url.stopped ? 'true' : undefined,
    },
  });
  const columns: Column<Person>[] = [
    {
      key: 'name',
      title: t('orders.column.customer'),
      render: person => <Name>{person.customer.name ?? t('orders.cart.visitor', { id: person.customer.id })}</Name>,
      card: 'title',
    },
    { key: 'last', title: t('orders.conversion.last'), render: person => <RelativeTime value={person.last_at} /> },
  ];
  const next = steps[steps.indexOf(url.step) + 1];
  return (
    <>
      <PageHeader
        title={t(`orders.conversion.who.${url.step}`)}
        description={t('orders.carts.last_days', { count: Number(url.days) })}
        back={{ to: '/carts', label: t('orders.carts.title') }}
      />
      <DataTable
        name="conversion-people"
        label={t(`orders.conversion.who.${url.step}`)}
        columns={columns}
        rowKey={person => person.customer.id}
        rowLink={person => `/customers/${person.customer.id}`}
        list={list}
        toolbar={
          next ? (
            <FilterBar>
              <Switch
                label={t(`orders.conversion.stopped.${url.step}`)}
                checked={url.stopped}
                onChange={event => setUrl({ stopped: event.currentTarget.checked })}
              />
            </FilterBar>
          ) : undefined
        }
        empty={<EmptyState title={t('orders.conversion.nobody')} picture="search" />}
      />
    </>
  );
};
export default ConversionPeople;
