import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  Facts,
  formatNumber,
  Link,
  Loaded,
  MoneyText,
  Name,
  PageHeader,
  Panel,
  SkeletonPage,
  Split,
  TimeText,
  useMaySee,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { CartState } from './cart-state.tsx';

type Cart = AnswerOf<'GET /api/carts/:id'>;
type Line = Cart['lines'][number];

const CartPage = () => {
  const query = useQueryOf('GET /api/carts/:id', { params: { id: usePathParam('id') } });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {cart => <CartView cart={cart} />}
    </Loaded>
  );
};
export default CartPage;

const CartView = ({ cart }: { cart: Cart }) => {
  const t = useTexts();
  const money = useMaySee('money');
  const columns: Column<Line>[] = [
    {
      key: 'name',
      title: t('orders.line.product'),
      render: line => <Name>{line.name ?? line.sku ?? line.product_id}</Name>,
      card: 'title',
    },
    { key: 'sku', title: t('orders.cart.sku'), render: line => <Name>{line.sku ?? line.variant_id}</Name> },
    {
      key: 'quantity',
      title: t('orders.line.quantity'),
      render: line => <bdi>{formatNumber(line.quantity, 3)}</bdi>,
      align: 'end',
    },
    {
      key: 'page',
      title: t('orders.cart.page'),
      render: line =>
        line.url ? (
          <a href={line.url} target="_blank" rel="noreferrer noopener">
            {t('orders.cart.open_page')}
          </a>
        ) : null,
      card: 'hidden',
    },
  ];
  if (money)
    columns.push({ key: 'price', title: t('orders.line.price'), render: line => <MoneyText money={line.price} />, align: 'end' });
  return (
    <>
      <PageHeader
        title={
          cart.customer
            ? t('orders.cart.title_of', { name: cart.customer.name ?? t('orders.cart.visitor', { id: cart.customer.id }) })
            : t('orders.cart.title')
        }
        back={{ to: '/carts', label: t('orders.carts.title') }}
        badge={<CartState state={cart.state} />}
        actions={
          cart.url && (
            <Button
              component="a"
              href={cart.url}
              target="_blank"
              rel="noreferrer noopener"
              variant="default"
              leftSection={<IconExternalLink size={16} aria-hidden />}
            >
              {t('orders.cart.open_cart')}
            </Button>
          )
        }
      />
      <Split aside={<Summary cart={cart} />}>
        <Panel title={t('orders.cart.in_it')} flush>
          <DataTable
            plain
            name="cart-lines"
            label={t('orders.cart.in_it')}
            columns={columns}
            rowKey={line => `${line.variant_id}/${line.sku}/${line.product_id}/${line.name}`}
            list={{ rows: cart.lines }}
            empty={<p>{t('orders.cart.hidden_lines')}</p>}
          />
        </Panel>
      </Split>
    </>
  );
};

const Summary = ({ cart }: { cart: Cart }) => {
  const t = useTexts();
  const money = useMaySee('money');
  const customer = cart.customer ? (
    <Link to={`/customers/${cart.customer.id}`}>
      <Name>{cart.customer.name ?? t('orders.cart.visitor', { id: cart.customer.id })}</Name>
    </Link>
  ) : (
    t('orders.cart.nobody')
  );
  const time = (label: string, value: string | null) =>
    value ? [{ label: t(label), value: <TimeText value={value} style="time" /> }] : [];
  return (
    <Panel title={t('orders.page.summary')}>
      <Facts
        items={[
          { label: t('orders.column.customer'), value: customer },
          ...(money ? [{ label: t('orders.cart.value'), value: <MoneyText money={cart.value} /> }] : []),
          ...(cart.order
            ? [
                {
                  label: t('orders.cart.order'),
                  value: (
                    <Link to={`/orders/${cart.order.id}`}>
                      <Name>{cart.order.number}</Name>
                    </Link>
                  ),
                },
              ]
            : []),
          ...(cart.coupon ? [{ label: t('orders.cart.coupon'), value: <Name>{cart.coupon}</Name> }] : []),
          { label: t('orders.cart.email'), value: t(cart.email_known ? 'orders.cart.email_known' : 'orders.cart.email_unknown') },
          ...time('orders.cart.started', cart.started_at),
          ...time('orders.cart.checkout_at', cart.checkout_at),
          ...time('orders.cart.last_activity', cart.last_activity_at),
          ...time('orders.cart.abandoned_at', cart.abandoned_at),
          ...time('orders.cart.closed_at', cart.closed_at),
          { label: t('orders.cart.shop'), value: <Name>{cart.shop}</Name> },
          { label: t('orders.column.source'), value: <Name>{cart.source}</Name> },
        ]}
      />
    </Panel>
  );
};
