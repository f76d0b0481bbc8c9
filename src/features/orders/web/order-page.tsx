import {
  type AnswerOf,
  type Column,
  DataTable,
  Facts,
  Link,
  Loaded,
  MoneyText,
  Name,
  NumberText,
  PageHeader,
  Panel,
  Rows,
  SkeletonPage,
  Split,
  TimeText,
  useMaySee,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { OrderState } from './order-state.tsx';

type Order = AnswerOf<'GET /api/orders/:id'>;

const OrderPage = () => {
  const id = usePathParam('id');
  const query = useQueryOf('GET /api/orders/:id', { params: { id } });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {order => <OrderView order={order} />}
    </Loaded>
  );
};

const OrderView = ({ order }: { order: Order }) => {
  const t = useTexts();
  return (
    <>
      <PageHeader
        title={t('orders.page.title', { number: order.number })}
        back={{ to: '/orders', label: t('orders.list.title') }}
        badge={<OrderState order={order} />}
        description={<TimeText value={order.placed_at} style="full" />}
      />
      <Split aside={<Summary order={order} />}>
        <Rows>
          <Lines order={order} />
          {order.refunds.length > 0 && <Refunds order={order} />}
        </Rows>
      </Split>
    </>
  );
};

const Lines = ({ order }: { order: Order }) => {
  const t = useTexts();
  const money = useMaySee('money');
  type Line = Order['lines'][number];
  const columns: Column<Line>[] = [
    { key: 'name', title: t('orders.line.product'), render: line => <Name>{line.name ?? line.sku}</Name>, card: 'title' },
    { key: 'sku', title: 'SKU', render: line => <Name>{line.sku}</Name> },
    { key: 'kind', title: t('orders.line.kind'), render: line => t(`orders.kind.${line.kind}`), card: 'hidden' },
    {
      key: 'quantity',
      title: t('orders.line.quantity'),
      render: line => <NumberText value={Number(line.quantity)} digits={3} />,
      align: 'end',
    },
  ];
  if (money) {
    columns.push({ key: 'price', title: t('orders.line.price'), render: line => <bdi>{line.unit_price}</bdi>, align: 'end' });
    columns.push({ key: 'total', title: t('orders.line.total'), render: line => <MoneyText money={line.total} />, align: 'end' });
  }
  return (
    <Panel title={t('orders.page.lines')} flush>
      <DataTable
        name="order-lines"
        label={t('orders.page.lines')}
        columns={columns}
        rowKey={line => String(line.position)}
        list={{ rows: order.lines }}
        empty={null}
      />
    </Panel>
  );
};

const Refunds = ({ order }: { order: Order }) => {
  const t = useTexts();
  return (
    <Panel title={t('orders.page.refunds')}>
      <Facts
        items={order.refunds.map(refund => ({
          label: (
            <>
              <TimeText value={refund.at} style="day" /> {refund.lines.map(line => line.sku).join(', ')}
            </>
          ),
          value: <MoneyText money={refund.amount} />,
        }))}
      />
    </Panel>
  );
};

const Summary = ({ order }: { order: Order }) => {
  const t = useTexts();
  const money = useMaySee('money');
  const customer = order.customer ? (
    <Link to={`/customers/${order.customer.id}`}>
      <Name>{order.customer.name ?? t('orders.unnamed', { id: order.customer.id })}</Name>
    </Link>
  ) : (
    t('orders.no_customer')
  );
  const amounts = money
    ? [
        { label: t('orders.column.total'), value: <MoneyText money={order.total} /> },
        { label: t('orders.page.sales'), value: <MoneyText money={order.sales} /> },
        { label: t('orders.page.discount'), value: <MoneyText money={order.discount} /> },
        { label: t('orders.page.tax'), value: <MoneyText money={order.tax} /> },
        { label: t('orders.page.refunded'), value: <MoneyText money={order.refunded} /> },
      ]
    : [{ label: t('orders.column.total'), value: t('orders.page.hidden_money') }];
  return (
    <Panel title={t('orders.page.summary')}>
      <Facts
        items={[
          { label: t('orders.column.customer'), value: customer },
          ...amounts,
          ...(order.discount_codes.length > 0
            ? [{ label: t('orders.page.codes'), value: <Name>{order.discount_codes.join(', ')}</Name> }]
            : []),
          ...(order.cancelled_at
            ? [{ label: t('orders.page.cancelled'), value: <TimeText value={order.cancelled_at} style="time" /> }]
            : []),
          { label: t('orders.column.source'), value: <Name>{order.source}</Name> },
          { label: t('orders.page.recorded'), value: <TimeText value={order.recorded_at} style="time" /> },
        ]}
      />
    </Panel>
  );
};

export default OrderPage;
