import { Button } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  Link,
  MoneyText,
  many,
  Name,
  NumberText,
  oneOf,
  PageHeader,
  SearchField,
  TimeText,
  text,
  useListOf,
  useMaySee,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { OrderState } from './order-state.tsx';
import { useShopColumn } from './shop-column.tsx';

type Order = AnswerOf<'GET /api/orders'>['data'][number];

const useColumns = (): Column<Order>[] => {
  const t = useTexts();
  const money = useMaySee('money');
  const shop = useShopColumn<Order>();
  const columns: Column<Order>[] = [
    { key: 'number', title: t('orders.column.number'), render: order => <Name>{order.number}</Name>, card: 'title' },
    {
      key: 'placed',
      title: t('orders.column.placed'),
      render: order => <TimeText value={order.placed_at} style="time" />,
      sort: 'placed',
      descendingFirst: true,
    },
    { key: 'customer', title: t('orders.column.customer'), render: order => <Customer order={order} /> },
    ...shop,
    {
      key: 'items',
      title: t('orders.column.items'),
      render: order => <NumberText value={order.items} />,
      align: 'end',
      optional: 'on',
    },
    { key: 'state', title: t('orders.column.state'), render: order => <OrderState order={order} /> },
    { key: 'country', title: t('orders.column.country'), render: order => <Name>{order.country}</Name>, optional: 'on' },
    { key: 'source', title: t('orders.column.source'), render: order => order.source, optional: 'off' },
  ];
  if (money)
    columns.push({
      key: 'total',
      title: t('orders.column.total'),
      render: order => <MoneyText money={order.total} />,
      align: 'end',
      sort: 'total',
      descendingFirst: true,
    });
  return columns;
};

const Customer = ({ order }: { order: Order }) => {
  const t = useTexts();
  if (!order.customer) return <span>{t('orders.no_customer')}</span>;
  return (
    <Link to={`/customers/${order.customer.id}`}>
      <Name>{order.customer.name ?? t('orders.unnamed', { id: order.customer.id })}</Name>
    </Link>
  );
};

const OrdersPage = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({
    query: text(),
    state: many(),
    customer: many(),
    sort: oneOf(['-placed', 'placed', '-total', 'total'], '-placed'),
  });
  const state = url.state[0] as 'placed' | 'cancelled' | undefined;
  const list = useListOf('GET /api/orders', {
    query: {
      query: url.query || undefined,
      state,
      without_customer: url.customer[0] === 'without' ? 'true' : undefined,
      sort: url.sort,
    },
  });
  const filtered = url.query !== '' || url.state.length > 0 || url.customer.length > 0;
  const clear = () => setUrl({ query: '', state: [], customer: [] });
  return (
    <>
      <PageHeader title={t('orders.list.title')} description={t('orders.list.description')} />
      <DataTable
        name="orders"
        label={t('orders.list.title')}
        columns={useColumns()}
        rowKey={order => order.id}
        rowLink={order => `/orders/${order.id}`}
        list={list}
        sort={url.sort}
        onSort={sort => setUrl({ sort: sort as typeof url.sort })}
        toolbar={
          <FilterBar active={filtered} onClear={clear}>
            <SearchField value={url.query} onChange={query => setUrl({ query })} label={t('orders.list.search')} />
            <Facet
              label={t('orders.filter.state')}
              options={[
                { value: 'placed', label: t('orders.state.placed') },
                { value: 'cancelled', label: t('orders.state.cancelled') },
              ]}
              selected={url.state}
              onChange={selected => setUrl({ state: selected })}
              single
            />
            <Facet
              label={t('orders.filter.customer')}
              options={[{ value: 'without', label: t('orders.filter.without_customer') }]}
              selected={url.customer}
              onChange={selected => setUrl({ customer: selected })}
              single
            />
          </FilterBar>
        }
        empty={filtered ? <NoMatch onClear={clear} /> : <NoOrders />}
      />
    </>
  );
};

const NoMatch = ({ onClear }: { onClear: () => void }) => {
  const t = useTexts();
  return (
    <EmptyState
      title={t('orders.list.none.title')}
      picture="search"
      action={
        <Button variant="default" onClick={onClear}>
          {t('orders.list.clear')}
        </Button>
      }
    >
      {t('orders.list.none.text')}
    </EmptyState>
  );
};

const NoOrders = () => {
  const t = useTexts();
  return (
    <EmptyState
      title={t('orders.list.empty.title')}
      picture="file"
      action={
        <Button component={Link} to="/imports">
          {t('orders.list.empty.action')}
        </Button>
      }
    >
      {t('orders.list.empty.text')}
    </EmptyState>
  );
};

export default OrdersPage;
