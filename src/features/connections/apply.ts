/**
 * What was told becomes what we hold, through the same use cases whether a webhook, a poll or a backfill brought it. One transaction per
 * batch. Per record the newest observation wins, so doubles, disorder and stale times change nothing.
 */
import { type Context, systemActor } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type ResolveInput, resolveCustomers, tieToShops } from '../customers/index.ts';
import { cartRefs, type OrderInput, type RecordOrdersOptions, recordOrders } from '../orders/index.ts';
import { recordProducts } from '../products/index.ts';
import { appendShipments } from './append-shipments.ts';
import { applyCheckouts } from './apply-checkouts.ts';
import { applyPeople, sayConsents } from './apply-people.ts';
import { type Connection, fresh_ms, sourceOf } from './connection.ts';
import type { Buyer, CheckoutTold, CustomerTold, OrderTold, ProductTold, ResourceCode } from './connector.ts';
import { lockRecords, type RecordRow, type RecordWrite, recordKey, writeRecords } from './postgres.ts';
import type { Taken } from './taken.ts';

export type RecordTold = CustomerTold | OrderTold | ProductTold | CheckoutTold;
/** `hash`: of the whole record as the API gave it; null when it came another way. */
export type Heard = { told: RecordTold; observedAt: Date; hash: string | null };
export type ApplyOptions = {
  /** A backfill: nothing is set off. Old changes are historical by themselves. */
  historical: boolean;
  /** "whole": orders name all their refunds. */
  refunds: 'whole' | 'added';
};

const resourceOf: Record<RecordTold['kind'], ResourceCode> = {
  customer: 'customers',
  order: 'orders',
  product: 'products',
  checkout: 'checkouts',
};

/** Acts as the connection: what is written carries its id, so that it is not written back. */
export const asConnection = (context: Context, connection: Connection): Context => ({
  ...context,
  actor: { ...systemActor, id: connection.id, name: connection.name },
});

/** Returns how many records changed something or were newer, and per input whose it is (an origin) where it is about somebody. */
export const applyTold = (
  context: Context,
  connection: Connection,
  heard: readonly Heard[],
  options: ApplyOptions,
): Promise<{ taken: number; origins: (number | null)[] }> =>
  inTransaction(asConnection(context, connection), async inside => {
    const origins = await resolvePeople(inside, connection, heard, options);
    const newest = newestOf(heard);
    const records = await lockRecords(
      inside,
      connection.id,
      newest.map(index => keyOf(heard[index].told)),
    );
    const now = inside.clock.now().getTime();
    const taken = newest.flatMap((index): Taken<RecordTold>[] => {
      const { told, observedAt, hash } = heard[index];
      const before = records.get(recordKey(resourceOf[told.kind], told.id))!;
      if (!isNewer(before, observedAt, told.updatedAt)) return [];
      const said = before.updated_at && before.updated_at > told.updatedAt ? before.updated_at : told.updatedAt;
      const historical = options.historical || now - said.getTime() > fresh_ms;
      return [{ told, said, observedAt, hash, before, origin: origins[index], historical }];
    });
    const of = <K extends RecordTold['kind']>(kind: K) =>
      taken.filter((one): one is Taken<Extract<RecordTold, { kind: K }>> => one.told.kind === kind);
    const writes = await applyPeople(inside, connection, of('customer'));
    await applyProducts(inside, of('product'));
    await applyOrders(inside, connection, of('order'), options);
    await applyCheckouts(inside, connection, of('checkout'));
    await writeRecords(inside, connection.id, [...writes, ...taken.filter(one => one.told.kind !== 'customer').map(writeOf)]);
    return { taken: taken.length, origins };
  });

const keyOf = (told: RecordTold): { resource: ResourceCode; id: string } => ({ resource: resourceOf[told.kind], id: told.id });

/** The newest observation first, by the outside system's clock; among equal ones the newer version. */
export const isNewer = (before: Pick<RecordRow, 'observed_at' | 'updated_at'>, observedAt: Date, updatedAt: Date): boolean => {
  if (before.observed_at === null) return true;
  const ahead = observedAt.getTime() - before.observed_at.getTime();
  return ahead > 0 || (ahead === 0 && (before.updated_at === null || updatedAt >= before.updated_at));
};

/** Of several versions of one record in a batch the newest; orders are also told apart by their number. */
const newestOf = (heard: readonly Heard[]): number[] => {
  const best = new Map<string, number>();
  heard.forEach(({ told, observedAt }, index) => {
    const key = told.kind === 'order' ? `order/${told.order.number}` : `${told.kind}/${told.id}`;
    const held = best.get(key);
    if (held === undefined || isNewer(versionOf(heard[held]), observedAt, told.updatedAt)) best.set(key, index);
  });
  return [...best.values()];
};
const versionOf = ({ told, observedAt }: Heard) => ({ observed_at: observedAt, updated_at: told.updatedAt });

const writeOf = ({ told, said, observedAt, hash, origin }: Taken<RecordTold>): RecordWrite => ({
  ...keyOf(told),
  number: told.kind === 'order' ? told.order.number : null,
  updatedAt: said,
  observedAt,
  hash,
  originId: told.kind === 'checkout' ? origin : null,
});

// ---- people ------------------------------------------------------------------------------------------------------------

/** Whom each of these is about. Once per transaction and first, as `resolveCustomers` wants it. */
const resolvePeople = async (
  context: Context,
  connection: Connection,
  heard: readonly Heard[],
  options: ApplyOptions,
): Promise<(number | null)[]> => {
  const asked = heard.map(({ told }) => sightingOf(connection, told));
  const inputs = asked.filter(one => one !== null);
  const found = await resolveCustomers(context, inputs, { source: sourceOf(connection), historical: options.historical });
  let next = 0;
  const origins = asked.map(one => (one === null ? null : found[next++]));
  await tieToShops(
    context,
    origins.flatMap(originId => (originId === null ? [] : [{ originId, shopId: connection.shop_id }])),
  );
  return origins;
};

const sightingOf = (connection: Connection, told: RecordTold): ResolveInput | null => {
  if (told.kind === 'product') return null;
  if (told.kind === 'customer') return identify(connection, told, told.createdAt);
  if (told.buyer === null) return null;
  const at = told.kind === 'order' ? told.order.placedAt : told.createdAt;
  return identify(connection, told.buyer, at);
};

/** Null when nothing says who it is. A guest's name comes with the order; a customer's own record says more and later. */
export const identify = (connection: Connection, buyer: Buyer, at: Date): ResolveInput | null => {
  const identifiers: ResolveInput['identifiers'] = [];
  if (buyer.id) identifiers.push({ kind: 'shop_customer_id', source: connection.id, value: buyer.id });
  if (buyer.email) identifiers.push({ kind: 'email', source: '', value: buyer.email });
  if (buyer.phone) identifiers.push({ kind: 'phone', source: '', value: buyer.phone });
  if (identifiers.length === 0) return null;
  return { identifiers, trust: 'secret', at, traits: buyer.id ? undefined : buyer.traits };
};

// ---- products ----------------------------------------------------------------------------------------------------------

const applyProducts = async (context: Context, products: readonly Taken<ProductTold>[]): Promise<void> => {
  await recordProducts(
    context,
    // What the shop says now holds from now on, whatever time its record carries; its age is known from when it was made.
    products.flatMap(({ told, observedAt }) =>
      told.variants.flatMap(variant => [
        { ...variant, price: null, at: told.createdAt ?? told.updatedAt },
        { ...variant, at: observedAt },
      ]),
    ),
    { importId: null },
  );
};

// ---- orders ------------------------------------------------------------------------------------------------------------

const applyOrders = async (
  context: Context,
  connection: Connection,
  told: readonly Taken<OrderTold>[],
  options: ApplyOptions,
): Promise<void> => {
  const orders = await withoutUnknown(context, connection, told);
  for (const historical of [true, false]) {
    const portion = orders.filter(one => one.historical === historical);
    const recorded: RecordOrdersOptions = {
      source: 'connection',
      importId: null,
      historical,
      lines: 'whole',
      refunds: options.refunds,
    };
    await recordOrders(
      context,
      portion.map(
        ({ told, said, origin }): OrderInput => ({
          ...told.order,
          shopId: connection.shop_id,
          outsideId: told.id,
          customerId: origin,
          updatedAt: said,
          cartRefs: told.refs ? cartRefs(told.refs) : undefined,
        }),
      ),
      recorded,
    );
  }
  await sayConsents(
    context,
    connection,
    orders.flatMap(({ told: one, origin, before, historical }) =>
      before.observed_at === null && origin !== null
        ? (one.consents ?? []).map(consent => ({ originId: origin, consent, historical }))
        : [],
    ),
  );
  await appendShipments(
    context,
    connection,
    orders.flatMap(({ told, origin }) =>
      told.fulfilments.map(fulfilment => ({ number: told.order.number, originId: origin, fulfilment })),
    ),
    options.historical,
  );
};

/** What is no order yet changes only an order that is held, whoever brought it. */
const withoutUnknown = async (
  { postgres }: Context,
  connection: Connection,
  orders: readonly Taken<OrderTold>[],
): Promise<readonly Taken<OrderTold>[]> => {
  const asked = orders.filter(one => one.told.onlyKnown).map(one => one.told.order.number);
  if (asked.length === 0) return orders;
  const rows =
    await postgres`select number from orders."order" where shop_id = ${connection.shop_id} and number = any(${asked}::text[])`;
  const known = new Set(rows.map(row => row.number as string));
  return orders.filter(one => !one.told.onlyKnown || known.has(one.told.order.number));
};
