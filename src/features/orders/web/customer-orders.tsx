/** The orders of one customer, on the customer page. */
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  MoneyText,
  Name,
  NumberText,
  TimeText,
  useListOf,
  useMaySee,
  useTexts,
} from '../../../ui/index.ts';
import { OrderState } from './order-state.tsx';
import { useShopColumn } from './shop-column.tsx';

type Order = AnswerOf<'GET /api/customers/:id/orders'>['data'][number];

const CustomerOrders = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const money = useMaySee('money');
  const shop = useShopColumn<Order>();
  const list = useListOf('GET /api/customers/:id/orders', { params: { id: customerId }, query: {} });
  const columns: Column<Order>[] = [
    { key: 'number', title: t('orders.column.number'), render: order => <Name>{order.number}</Name>, card: 'title' },
    { key: 'placed', title: t('orders.column.placed'), render: order => <TimeText value={order.placed_at} style="time" /> },
    ...shop,
    { key: 'items', title: t('orders.column.items'), render: order => <NumberText value={order.items} />, align: 'end' },
    { key: 'state', title: t('orders.column.state'), render: order => <OrderState order={order} /> },
  ];
  if (money)
    columns.push({
      key: 'total',
      title: t('orders.column.total'),
      render: order => <MoneyText money={order.total} />,
      align: 'end',
    });
  return (
    <DataTable
      name="customer-orders"
      label={t('orders.panel.title')}
      columns={columns}
      rowKey={order => order.id}
      rowLink={order => `/orders/${order.id}`}
      list={list}
      empty={
        <EmptyState title={t('orders.panel.none')} picture="list" order={3}>
          {t('orders.panel.none_text')}
        </EmptyState>
      }
    />
  );
};

export default CustomerOrders;
