/** The way in for carts and checkouts that a connection knows: whole, by their own id, newest first. Bulk and idempotent. */
import { createHash } from 'node:crypto';
import type { Context } from '../../../platform/context.ts';
import { minorDigits } from '../../../platform/money.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { touchCustomers } from '../../customers/index.ts';
import { appendEvents, type NewEvent } from '../../tracking/index.ts';
import { type CheckoutInput, cartRefs, type RecordCheckoutsOptions } from './cart.ts';

/** What others are told has changed about a person when a checkout of theirs came in; the carts stage listens. */
export const checkoutRecorded = 'Checkout Recorded';
const day_ms = 86_400_000;

/**
 * Records checkouts and carts in one transaction; customers must have been resolved before. The carts follow within a second. A checkout
 * last changed more than a day ago is historical whatever the options say.
 */
export const recordCheckouts = (
  context: Context,
  inputs: readonly CheckoutInput[],
  options: RecordCheckoutsOptions,
): Promise<void> =>
  inTransaction(context, async inside => {
    const newest = new Map<string, CheckoutInput>();
    for (const input of inputs) {
      const before = newest.get(keyOf(input));
      if (!before || input.updatedAt >= before.updatedAt) newest.set(keyOf(input), input);
    }
    if (newest.size === 0) return;
    const activity = Map.groupBy(inputs, keyOf);
    const rows = [...newest.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, input]) =>
        rowOf(
          inside,
          input,
          activity.get(key)!.map(one => one.updatedAt),
          options,
        ),
      );
    const before = await lockCheckouts(inside, rows);
    const written = await writeCheckouts(inside, rows);
    await logBeginnings(inside, written, before, options);
    await lookAgain(inside, written, options);
  });

const keyOf = (input: CheckoutInput): string => `${input.shopId}/${input.kind}/${input.outsideId}`;

const rowOf = (context: Context, input: CheckoutInput, activity: readonly Date[], options: RecordCheckoutsOptions) => ({
  shop_id: input.shopId,
  kind: input.kind,
  outside_id: input.outsideId,
  customer: input.customerId,
  refs: refsOf(input),
  lines: input.lines,
  value_minor: input.valueMinor,
  currency: input.currency,
  coupon: input.coupon ?? null,
  url: input.url ?? null,
  email_known: input.emailKnown,
  started_at: input.startedAt.toISOString(),
  updated_at: input.updatedAt.toISOString(),
  completed_at: input.completedAt?.toISOString() ?? null,
  deleted: input.deleted ?? false,
  activity: activity.map(at => at.toISOString()),
  source: options.source,
  historical: options.historical || context.clock.now().getTime() - input.updatedAt.getTime() > day_ms,
});
type Row = ReturnType<typeof rowOf>;

const refsOf = (input: CheckoutInput): string[] => [
  ...new Set(
    input.kind === 'cart'
      ? cartRefs({ cartId: input.outsideId, checkoutIds: input.checkoutIds }).concat(cartRefs({ cartId: input.cartId }))
      : cartRefs({ cartId: input.cartId, checkoutIds: [input.outsideId, ...(input.checkoutIds ?? [])] }),
  ),
];

/** Who they belonged to before, by (shop, kind, id); absent = new. */
const lockCheckouts = async ({ postgres }: Context, rows: readonly Row[]): Promise<Map<string, number | null>> => {
  const known = await postgres`
    select c.shop_id, c.kind, c.outside_id, c.customer_id from orders.checkout c
    join unnest(${rows.map(row => row.shop_id)}::uuid[], ${rows.map(row => row.kind)}::text[], ${rows.map(row => row.outside_id)}::text[]) as asked(shop_id, kind, outside_id)
      using (shop_id, kind, outside_id)
    order by c.shop_id, c.kind, c.outside_id for update of c`;
  return new Map(known.map(row => [`${row.shop_id}/${row.kind}/${row.outside_id}`, row.customer_id as number | null]));
};

type Written = {
  id: string;
  shop_id: string;
  kind: string;
  outside_id: string;
  origin_id: number | null;
  customer_id: number | null;
  refs: string[];
  started_at: Date;
  historical: boolean;
  lines: { sku: string | null; quantity: number }[];
  value_minor: number | null;
  currency: string;
};

/** Newer state wins; names, owner, completion and times of activity are kept from whoever told of them. */
const writeCheckouts = async ({ postgres: sql }: Context, rows: readonly Row[]): Promise<Written[]> =>
  (await sql`
    insert into orders.checkout as c (shop_id, kind, outside_id, origin_id, customer_id, refs, lines, value_minor, currency, coupon, url, email_known,
      started_at, updated_at, completed_at, deleted, activity, source, historical)
    select shop_id, kind, outside_id, customer, customers.owner_of(customer), refs, lines, value_minor, currency, coupon, url, email_known,
      started_at, updated_at, completed_at, deleted, activity, source, historical
    from jsonb_to_recordset(${sql.json(rows as never)}) as r(shop_id uuid, kind text, outside_id text, customer bigint, refs text[], lines jsonb,
      value_minor bigint, currency text, coupon text, url text, email_known boolean, started_at timestamptz, updated_at timestamptz,
      completed_at timestamptz, deleted boolean, activity timestamptz[], source text, historical boolean)
    on conflict (shop_id, kind, outside_id) do update set
      origin_id = case when excluded.customer_id is null or excluded.customer_id = c.customer_id then c.origin_id else excluded.origin_id end,
      customer_id = coalesce(excluded.customer_id, c.customer_id),
      refs = array(select distinct one from unnest(c.refs || excluded.refs) as one order by one),
      lines = case when excluded.updated_at >= c.updated_at then excluded.lines else c.lines end,
      value_minor = case when excluded.updated_at >= c.updated_at then excluded.value_minor else c.value_minor end,
      currency = case when excluded.updated_at >= c.updated_at then excluded.currency else c.currency end,
      coupon = case when excluded.updated_at >= c.updated_at then excluded.coupon else c.coupon end,
      url = case when excluded.updated_at >= c.updated_at then excluded.url else c.url end,
      deleted = case when excluded.updated_at >= c.updated_at then excluded.deleted else c.deleted end,
      email_known = c.email_known or excluded.email_known,
      started_at = least(c.started_at, excluded.started_at),
      completed_at = least(c.completed_at, excluded.completed_at),
      activity = array(select distinct one from unnest(c.activity || excluded.activity) as one order by one desc limit 100),
      historical = case when excluded.updated_at >= c.updated_at then excluded.historical else c.historical end,
      source = case when excluded.updated_at >= c.updated_at then excluded.source else c.source end,
      updated_at = greatest(c.updated_at, excluded.updated_at)
    returning id, shop_id, kind, outside_id, origin_id, customer_id, refs, started_at, historical, lines, value_minor, currency`) as unknown as Written[];

/** Connections tell the same story as events do: a checkout that is new, or whose owner is, stands in the log once. */
const logBeginnings = async (
  context: Context,
  written: readonly Written[],
  before: ReadonlyMap<string, number | null>,
  options: RecordCheckoutsOptions,
): Promise<void> => {
  const fresh = written.filter(
    row => row.customer_id !== null && (before.get(`${row.shop_id}/${row.kind}/${row.outside_id}`) ?? null) === null,
  );
  const now = context.clock.now().getTime();
  await appendEvents(
    context,
    fresh.map(
      (row): NewEvent => ({
        id: idOf(`checkout/${row.id}`),
        customerId: row.origin_id!,
        name: row.kind === 'checkout' ? 'Checkout Started' : 'Cart Viewed',
        time: row.started_at,
        shopId: row.shop_id,
        source: options.source.split(':')[0],
        messageId: `checkout/${row.id}`,
        historical: row.historical || now - row.started_at.getTime() > day_ms,
        properties: {
          [row.kind === 'checkout' ? 'checkout_id' : 'cart_id']: row.outside_id,
          items: row.lines.reduce((sum, line) => sum + line.quantity, 0),
          skus: row.lines.flatMap(line => line.sku ?? []).slice(0, 50),
          currency: row.currency,
          ...(row.value_minor === null ? {} : { value: row.value_minor / 10 ** minorDigits(row.currency) }),
        },
      }),
    ),
  );
};

/** The carts stage is told whose carts to work out again. */
const lookAgain = async (context: Context, written: readonly Written[], options: RecordCheckoutsOptions): Promise<void> => {
  const owners = written.flatMap(row => row.customer_id ?? []);
  await touchCustomers(context, owners, [checkoutRecorded], { historical: options.historical });
  const nobodys = written.filter(row => row.customer_id === null).map(row => row.id);
  await context.postgres`insert into orders.checkout_due (checkout_id) select unnest(${nobodys}::uuid[]) on conflict do nothing`;
  // What stood for a checkout of nobody, until now somebody is known.
  for (const row of written.filter(one => one.customer_id !== null))
    await context.postgres`delete from orders.cart where customer_id is null and shop_id = ${row.shop_id} and refs && ${row.refs}::text[]`;
  if (nobodys.length > 0) await context.postgres`select pg_notify('regulars_work', 'touched')`;
};

/** 32 hex digits of a hash as a UUID of version 8 (RFC 9562: own content). */
export const idOf = (text: string): string => {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-b${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
};

/** Called by `recordOrders` for orders that name their cart: whoever has such a cart is looked at again. */
export const noteCartRefs = async (
  context: Context,
  orders: readonly { orderId: string; shopId: string; refs: readonly string[] }[],
  options: { historical: boolean },
): Promise<void> => {
  const pairs = orders.flatMap(({ orderId, shopId, refs }) => refs.map(ref => ({ orderId, shopId, ref })));
  if (pairs.length === 0) return;
  const { postgres: sql } = context;
  const fresh = await sql`
    insert into orders.order_ref (order_id, shop_id, ref)
    select * from unnest(${pairs.map(one => one.orderId)}::uuid[], ${pairs.map(one => one.shopId)}::uuid[], ${pairs.map(one => one.ref)}::text[])
    on conflict do nothing returning ref, shop_id`;
  if (fresh.length === 0) return;
  const refs = fresh.map(row => row.ref as string);
  const shops = [...new Set(fresh.map(row => row.shop_id as string))];
  await sql`
    insert into orders.checkout_due (checkout_id)
    select id from orders.checkout where customer_id is null and shop_id = any(${shops}::uuid[]) and refs && ${refs}::text[] on conflict do nothing`;
  const people = await sql`
    select customer_id from orders.cart where customer_id is not null and shop_id = any(${shops}::uuid[]) and refs && ${refs}::text[]
    union select customer_id from orders.checkout where customer_id is not null and shop_id = any(${shops}::uuid[]) and refs && ${refs}::text[]
    union select customer_id from orders."order" where customer_id is not null and id = any(${pairs.map(one => one.orderId)}::uuid[])`;
  await touchCustomers(
    context,
    people.map(row => row.customer_id as number),
    [checkoutRecorded],
    options,
  );
};
