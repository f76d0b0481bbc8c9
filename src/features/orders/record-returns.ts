/**
 * Returns that name no order: matched to what the customer bought before and kept there as dated refunds. What finds no purchase (bought
 * before the history begins, or by nobody named) is kept as a cancelled order of its own number with negative lines: it can be found, but
 * counts neither as an order nor in sales.
 */
import type { Context } from '../../platform/context.ts';
import { canonical, negate } from '../imports/index.ts';
import { removeOrderEvents } from './log-order-events.ts';
import { type Leftover, type Match, matchReturns, type Purchase, type ReturnedLine } from './match-returns.ts';
import type { OrderInput } from './order.ts';
import { queueCopies } from './postgres.ts';
import { recordOrders } from './record-orders.ts';

export type ReturnInput = {
  shopId: string;
  /** The shop's number of the return ("C536379"). */
  number: string;
  /** Lines of this return that came in earlier portions of the file. */
  part: number;
  at: Date;
  customerId: number | null;
  currency: string;
  country: string | null;
  lines: (ReturnedLine & { name: string | null; category: string | null })[];
};
type Options = { importId: string; source: string };

/** `recorded`: numbers of returns that were new; `unmatched`: "<number>|<line key>" without an earlier purchase. */
export const recordReturns = async (
  context: Context,
  returns: readonly ReturnInput[],
  options: Options,
): Promise<{ recorded: Set<string>; unmatched: Set<string> }> => {
  const fresh = await withoutKnown(context, returns);
  if (fresh.length === 0) return { recorded: new Set(), unmatched: new Set() };
  const purchases = await purchasesFor(context, fresh);
  const { matches, leftovers } = matchReturns(fresh, purchases);
  const byNumber = new Map(fresh.map(one => [one.number, one]));
  await recordOrders(context, [...refundsOf(matches, byNumber, purchases), ...unmatchedOf(leftovers, byNumber)], {
    ...options,
    historical: true,
    lines: 'part',
  });
  return { recorded: new Set(byNumber.keys()), unmatched: new Set(leftovers.map(one => `${one.number}|${one.line.key}`)) };
};

const refundKeyOf = (one: { number: string; part: number }): string =>
  `return:${one.number}${one.part > 0 ? `#${one.part}` : ''}`;

/** A return that is in the books already is the same return. */
const withoutKnown = async ({ postgres }: Context, returns: readonly ReturnInput[]): Promise<ReturnInput[]> => {
  if (returns.length === 0) return [];
  const shopId = returns[0].shopId;
  const refunds = await postgres`
    select distinct r.key from orders.refund r join orders."order" o on o.id = r.order_id where o.shop_id = ${shopId} and r.key = any(${returns.map(refundKeyOf)})`;
  const lines = await postgres`
    select o.number, l.key from orders."order" o join orders.line l on l.order_id = o.id
    where o.shop_id = ${shopId} and o.number = any(${returns.map(one => one.number)}) and l.quantity < 0`;
  const known = new Set([...refunds.map(row => row.key as string), ...lines.map(row => `${row.number}|${row.key}`)]);
  return returns.filter(one => !known.has(refundKeyOf(one)) && !one.lines.some(line => known.has(`${one.number}|${line.key}#0`)));
};

const purchasesFor = async (
  { postgres }: Context,
  returns: readonly Pick<ReturnInput, 'shopId' | 'customerId' | 'lines'>[],
): Promise<Purchase[]> => {
  const origins = [...new Set(returns.flatMap(one => (one.customerId === null ? [] : [one.customerId])))];
  const skus = [...new Set(returns.flatMap(one => one.lines.flatMap(line => (line.sku === null ? [] : [line.sku]))))];
  if (origins.length === 0 || skus.length === 0) return [];
  const rows = await postgres`
    select b.origin, o.number, o.currency, o.placed_at, l.sku, sum(l.quantity) as bought, array_agg(distinct l.unit_price) as prices,
      (select coalesce(sum(rl.quantity), 0) from orders.refund r join orders.refund_line rl on rl.refund_id = r.id where r.order_id = o.id and rl.sku = l.sku) as taken
    from unnest(${origins}::bigint[]) as b (origin)
    join orders."order" o on o.customer_id = customers.owner_of(b.origin) and o.shop_id = ${returns[0].shopId} and o.counts
    join orders.line l on l.order_id = o.id and l.sku = any(${skus}) and l.quantity > 0
    group by b.origin, o.id, l.sku`;
  return rows.map(row => ({
    customerId: row.origin as number,
    order: row.number as string,
    currency: row.currency as string,
    placedAt: row.placed_at as Date,
    sku: row.sku as string,
    left: Number(row.bought) - Number(row.taken),
    prices: row.prices as string[],
  }));
};

/** One input per order that something was taken back from; the order's own fields stay as they are. */
const refundsOf = (
  matches: readonly Match[],
  returns: ReadonlyMap<string, ReturnInput>,
  purchases: readonly Purchase[],
): OrderInput[] => {
  const placedAt = new Map(purchases.map(purchase => [purchase.order, purchase.placedAt]));
  const orders = new Map<string, OrderInput>();
  for (const match of matches) {
    const back = returns.get(match.number)!;
    const order: OrderInput = orders.get(match.order) ?? {
      shopId: back.shopId,
      number: match.order,
      placedAt: placedAt.get(match.order)!,
      customerId: null,
      currency: back.currency,
      state: 'placed',
      lines: [],
      refunds: [],
    };
    order.refunds.push({
      outsideId: refundKeyOf(back),
      at: back.at,
      amountMinor: match.lines.reduce((total, line) => total + line.amountMinor, 0),
      lines: match.lines.map(line => ({
        sku: line.sku,
        quantity: canonical(String(line.quantity)),
        amountMinor: line.amountMinor,
      })),
    });
    orders.set(match.order, order);
  }
  return [...orders.values()];
};

const unmatchedOf = (leftovers: readonly Leftover[], returns: ReadonlyMap<string, ReturnInput>): OrderInput[] => {
  const orders = new Map<string, OrderInput>();
  for (const { number, line, quantity, amountMinor } of leftovers) {
    const back = returns.get(number)!;
    const order: OrderInput = orders.get(number) ?? {
      shopId: back.shopId,
      number,
      placedAt: back.at,
      customerId: back.customerId,
      currency: back.currency,
      country: back.country,
      state: 'cancelled',
      cancelledAt: back.at,
      lines: [],
      refunds: [],
    };
    const named = back.lines.find(one => one.key === line.key);
    order.lines.push({
      outsideId: line.key,
      kind: 'product',
      sku: line.sku,
      name: named?.name ?? null,
      category: named?.category ?? null,
      quantity: negate(canonical(String(quantity))),
      unitPrice: line.unitPrice,
      discountMinor: 0,
      totalMinor: -amountMinor,
    });
    orders.set(number, order);
  }
  return [...orders.values()];
};

/**
 * At the end of a file: returns that came before their purchase in the file's order find it now. Only those that can be matched whole
 * move; returns how many did.
 */
export const retryReturns = async (context: Context, importId: string): Promise<number> => {
  const { postgres } = context;
  const rows = await postgres`
    select o.id, o.shop_id, o.number, o.origin_id, o.currency, o.country, o.placed_at, l.key, l.sku, l.name, l.category, -l.quantity as quantity, l.unit_price, -l.total_minor as amount_minor
    from orders."order" o join orders.line l on l.order_id = o.id
    where o.import_id = ${importId} and o.state = 'cancelled' and o.origin_id is not null and l.quantity < 0
      and not exists (select 1 from orders.line p where p.order_id = o.id and p.quantity >= 0)
    order by o.placed_at, o.number, l.position`;
  const waiting = new Map<string, ReturnInput & { id: string }>();
  for (const row of rows) {
    const one = waiting.get(row.number as string) ?? {
      id: row.id as string,
      shopId: row.shop_id as string,
      number: row.number as string,
      part: 0,
      at: row.placed_at as Date,
      customerId: row.origin_id as number,
      currency: row.currency as string,
      country: row.country as string | null,
      lines: [],
    };
    one.lines.push({
      key: row.key as string,
      sku: row.sku as string | null,
      name: row.name as string | null,
      category: row.category as string | null,
      quantity: row.quantity as string,
      unitPrice: row.unit_price as string,
      amountMinor: row.amount_minor as number,
    });
    waiting.set(one.number, one);
  }
  if (waiting.size === 0) return 0;
  const purchases = await purchasesFor(context, [...waiting.values()]);
  const left = new Set(
    matchReturns(
      [...waiting.values()],
      purchases.map(purchase => ({ ...purchase })),
    ).leftovers.map(one => one.number),
  );
  const whole = [...waiting.values()].filter(one => !left.has(one.number));
  if (whole.length === 0) return 0;
  const { matches } = matchReturns(whole, purchases);
  const ids = whole.map(one => one.id);
  await removeOrderEvents(context, ids);
  await queueCopies(
    context,
    ids.map(orderId => ({ orderId, fresh: false })),
  );
  await postgres`delete from orders.line where order_id = any(${ids}::uuid[])`;
  await postgres`delete from orders."order" where id = any(${ids}::uuid[])`;
  await recordOrders(context, refundsOf(matches, new Map(whole.map(one => [one.number, one])), purchases), {
    importId,
    source: 'import',
    historical: true,
    lines: 'part',
  });
  return whole.length;
};
