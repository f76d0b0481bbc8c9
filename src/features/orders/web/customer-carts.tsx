/** The carts of one customer, on the customer page. */
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  MoneyText,
  RelativeTime,
  useListOf,
  useMaySee,
  useTexts,
} from '../../../ui/index.ts';
import { CartItems, CartState } from './cart-state.tsx';

type Cart = AnswerOf<'GET /api/carts'>['data'][number];

const CustomerCarts = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const money = useMaySee('money');
  const list = useListOf('GET /api/carts', { query: { customer: customerId } });
  const columns: Column<Cart>[] = [
    { key: 'items', title: t('orders.cart.in_it'), render: cart => <CartItems {...cart} />, card: 'title' },
    { key: 'state', title: t('orders.column.state'), render: cart => <CartState state={cart.state} />, card: 'aside' },
    { key: 'activity', title: t('orders.cart.last_activity'), render: cart => <RelativeTime value={cart.last_activity_at} /> },
  ];
  if (money)
    columns.push({ key: 'value', title: t('orders.cart.value'), render: cart => <MoneyText money={cart.value} />, align: 'end' });
  return (
    <DataTable
      name="customer-carts"
      label={t('orders.carts.title')}
      columns={columns}
      rowKey={cart => cart.id}
      rowLink={cart => `/carts/${cart.id}`}
      list={list}
      empty={
        <EmptyState title={t('orders.carts.none_of')} picture="list" order={3}>
          {t('orders.carts.none_of_text')}
        </EmptyState>
      }
    />
  );
};
export default CustomerCarts;
