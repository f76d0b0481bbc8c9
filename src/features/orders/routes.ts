import type { z } from 'zod';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { isCurrency, toMinor } from '../../platform/money.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type ResolveInput, resolveCustomers } from '../customers/index.ts';
import { shopsOf } from '../shops/index.ts';
import { cartHandlers } from './carts/routes.ts';
import { contract, type orderInput } from './contract.ts';
import { listRates, setRate } from './home-currency.ts';
import { listOrders, orderFigures, showOrder } from './list-orders.ts';
import type { OrderInput } from './order.ts';
import { recordOrders } from './record-orders.ts';

export const routes = bindRoutes(contract, {
  ...cartHandlers,
  listOrders: (context, { query }) =>
    listOrders(context, {
      ...query,
      customer: query.customer === undefined ? undefined : Number(query.customer),
      withoutCustomer: query.without_customer === 'true',
      count: query.count === 'true',
    }),
  showOrder: (context, { params }) => showOrder(context, params.id),
  listCustomerOrders: (context, { params, query }) =>
    listOrders(context, { ...query, customer: Number(params.id), sort: '-placed' }),
  listRates: async context => ({ data: await listRates(context) }),
  setRate: async (context, { body }) => {
    if (!isCurrency(body.currency)) throw unknownCurrency(body.currency);
    return { job_id: await setRate(context, body) };
  },
  orderFigures: context => orderFigures(context),
  createOrder: (context, { body }) =>
    inTransaction(context, async inside => {
      const shopId = await shopFor(inside, body.shop_id);
      const [outcome] = await recordOrders(inside, [await orderFrom(inside, body, shopId)], {
        source: `api:${context.actor.name}`,
        importId: null,
        historical: false,
        lines: 'whole',
      });
      return { id: outcome.orderId, number: outcome.number, outcome: outcome.outcome };
    }),
});

const shopFor = async (context: Context, asked: string | undefined): Promise<string> => {
  const shops = (await shopsOf(context)).filter(
    shop => context.actor.shopIds === null || context.actor.shopIds.includes(shop.id),
  );
  const shop = asked === undefined ? shops[0] : shops.find(one => one.id === asked);
  if (!shop) throw notFound('shop');
  return shop.id;
};

const unknownCurrency = (currency: string) =>
  new Refusal('refused', 'orders.currency', `"${currency}" is not a currency. Use its three letters, for example EUR.`, {
    values: { currency },
  });

const orderFrom = async (context: Context, body: z.output<typeof orderInput>, shopId: string): Promise<OrderInput> => {
  const { currency } = body;
  if (!isCurrency(currency)) throw unknownCurrency(currency);
  const minor = (text: string) => toMinor(text, currency);
  return {
    shopId,
    number: body.number,
    outsideId: body.outside_id ?? null,
    placedAt: new Date(body.placed_at),
    customerId: await customerFor(context, body, shopId),
    currency,
    country: body.country ?? null,
    state: body.state,
    cancelledAt: body.cancelled_at ? new Date(body.cancelled_at) : null,
    test: body.test,
    totalMinor: body.total === undefined ? null : minor(body.total),
    taxMinor: body.tax === undefined ? null : minor(body.tax),
    discountCodes: body.discount_codes,
    updatedAt: body.updated_at ? new Date(body.updated_at) : null,
    lines: body.lines.map(line => ({
      outsideId: line.outside_id ?? null,
      kind: line.kind,
      sku: line.sku ?? null,
      name: line.name ?? null,
      category: line.category ?? null,
      quantity: line.quantity,
      unitPrice: line.unit_price,
      discountMinor: minor(line.discount),
      totalMinor: line.total === undefined ? null : minor(line.total),
    })),
    refunds: body.refunds.map(refund => ({
      outsideId: refund.outside_id ?? null,
      at: new Date(refund.at),
      amountMinor: minor(refund.amount),
      lines: refund.lines.map(line => ({ sku: line.sku ?? null, quantity: line.quantity, amountMinor: minor(line.amount) })),
    })),
  };
};

const customerFor = async (context: Context, body: z.output<typeof orderInput>, shopId: string): Promise<number | null> => {
  const given = body.customer;
  if (!given) return null;
  if (given.id !== undefined) {
    const [row] = await context.postgres`
      select coalesce(w.customer_id, c.id) as id from customers.customer c left join customers.owner w on w.origin_id = c.id where c.id = ${Number(given.id)} and c.erased_at is null`;
    if (!row) throw notFound('customer');
    return row.id as number;
  }
  const identifiers: ResolveInput['identifiers'] = [];
  if (given.shop_customer_id) identifiers.push({ kind: 'shop_customer_id', source: shopId, value: given.shop_customer_id });
  if (given.email) identifiers.push({ kind: 'email', source: '', value: given.email });
  if (given.phone) identifiers.push({ kind: 'phone', source: '', value: given.phone });
  if (identifiers.length === 0) return null;
  const [id] = await resolveCustomers(context, [
    { identifiers, trust: 'secret', at: new Date(body.placed_at), traits: given.name ? { name: given.name } : undefined },
  ]);
  return id;
};
