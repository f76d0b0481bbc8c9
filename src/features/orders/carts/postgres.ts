/** What the carts stage asks PostgreSQL: the steps of many people, the rows there are, and the writing. */
import type { Context } from '../../../platform/context.ts';
import { shopsOf } from '../../shops/index.ts';
import type { CartLine } from './cart.ts';
import type { Browse, Cart, CartStep } from './fold-carts.ts';
import { cartEventNames, readStep } from './read-step.ts';

/** Steps by "customer/shop". */
export type StepsOf = Map<string, CartStep[]>;

/** Nobody has more of them by hand; a robot that does keeps its newest. */
const mostSteps = 2_000;

const put = (steps: StepsOf, customerId: number | string, shopId: string, step: CartStep): void => {
  const key = `${customerId}/${shopId}`;
  const list = steps.get(key);
  if (list) list.push(step);
  else steps.set(key, [step]);
};

/** Everything that can be a step of these people's carts since a time (null: ever). */
export const readSteps = async (context: Context, customerIds: readonly number[], since: Date | null): Promise<StepsOf> => {
  const steps: StepsOf = new Map();
  await readEvents(context, customerIds, since, steps);
  await readCheckouts(context, customerIds, since, steps);
  await readOrders(context, customerIds, since, steps);
  return steps;
};

const readEvents = async (
  context: Context,
  customerIds: readonly number[],
  since: Date | null,
  steps: StepsOf,
): Promise<void> => {
  const sql = context.postgres;
  const currencies = new Map((await shopsOf(context)).map(shop => [shop.id, shop.currency]));
  const rows = await sql`
    with origin as (
      select id as origin_id, id as customer_id from unnest(${customerIds as number[]}::bigint[]) as id
      union
      select origin_id, customer_id from customers.owner where customer_id = any(${customerIds as number[]}::bigint[]))
    select e.*, origin.customer_id from origin cross join lateral (
      select id, origin_id as "originId", name, time, source, historical, shop_id, properties from tracking.event
      where origin_id = origin.origin_id and name = any(${cartEventNames as string[]}::text[]) ${since ? sql`and time >= ${since}` : sql``}
      order by time desc limit ${mostSteps}) e
    where e.shop_id is not null`;
  for (const row of rows) {
    const step = readStep(row as never, currencies.get(row.shop_id as string) ?? 'EUR');
    put(steps, row.customer_id as number, row.shop_id as string, step);
  }
};

const readCheckouts = async (
  { postgres: sql }: Context,
  customerIds: readonly number[],
  since: Date | null,
  steps: StepsOf,
): Promise<void> => {
  const rows = await sql`
    select * from orders.checkout where customer_id = any(${customerIds as number[]}::bigint[]) ${since ? sql`and updated_at >= ${since}` : sql``}`;
  for (const row of rows)
    for (const step of stepsOfCheckout(row)) put(steps, row.customer_id as number, row.shop_id as string, step);
};

/** A checkout as its connection last knew it, at each time something happened to it. */
export const stepsOfCheckout = (row: Record<string, unknown>): CartStep[] => {
  const step = {
    originId: row.origin_id as number | null,
    historical: row.historical as boolean,
    source: (row.source as string).split(':')[0],
    refs: row.refs as string[],
    lines: row.lines as CartLine[],
    valueMinor: row.value_minor as number | null,
    currency: row.currency as string,
    coupon: row.coupon as string | null,
    url: row.url as string | null,
    emailKnown: row.email_known as boolean,
  };
  const times = new Set([row.started_at, ...(row.activity as Date[])].map(at => (at as Date).getTime()));
  const what = row.kind === 'cart' ? ('shown' as const) : ('checkout' as const);
  const all: CartStep[] = [...times].map(at => ({ ...step, id: `${row.id}@${at}`, at: new Date(at), what }));
  if (row.deleted) all.push({ ...step, id: `${row.id}@gone`, at: row.updated_at as Date, what: 'gone', lines: null });
  if (row.completed_at)
    all.push({ ...step, id: `${row.id}@done`, at: row.completed_at as Date, what: 'ordered', lines: null, orderId: null });
  return all;
};

/** Orders close carts: those of the person, and those of whoever else that name one of the person's carts. */
const readOrders = async (
  { postgres: sql }: Context,
  customerIds: readonly number[],
  since: Date | null,
  steps: StepsOf,
): Promise<void> => {
  const wanted = [...steps].flatMap(([key, list]) =>
    list.flatMap(step => step.refs.map(ref => ({ customer: key.split('/')[0], shop: key.split('/')[1], ref }))),
  );
  const rows = await sql`
    with mine as (
      select id, customer_id as whose from orders."order"
      where customer_id = any(${customerIds as number[]}::bigint[]) and not test ${since ? sql`and placed_at >= ${since}` : sql``}
      union
      select r.order_id, w.customer::bigint
      from unnest(${wanted.map(one => one.customer)}::text[], ${wanted.map(one => one.shop)}::uuid[], ${wanted.map(one => one.ref)}::text[]) as w(customer, shop, ref)
      join orders.order_ref r on r.ref = w.ref and r.shop_id = w.shop)
    select o.id, o.origin_id, o.shop_id, o.placed_at, o.historical, o.source, o.currency, mine.whose,
      coalesce((select array_agg(r.ref order by r.ref) from orders.order_ref r where r.order_id = o.id), '{}') as refs,
      coalesce((select jsonb_agg(jsonb_build_object('sku', l.sku, 'name', l.name)) from orders.line l where l.order_id = o.id and l.kind = 'product'), '[]') as lines
    from mine join orders."order" o on o.id = mine.id where not o.test`;
  for (const row of rows) put(steps, row.whose as number, row.shop_id as string, orderStep(row));
};

export const orderStep = (row: Record<string, unknown>): CartStep => ({
  id: row.id as string,
  at: row.placed_at as Date,
  originId: row.origin_id as number | null,
  historical: row.historical as boolean,
  source: row.source as string,
  what: 'ordered',
  refs: row.refs as string[],
  lines: (row.lines as { sku: string | null; name: string | null }[]).map(line => ({
    productId: null,
    variantId: null,
    sku: line.sku,
    name: line.name,
    quantity: 0,
    unitPrice: null,
    imageUrl: null,
    url: null,
  })),
  valueMinor: null,
  currency: row.currency as string,
  coupon: null,
  url: null,
  emailKnown: false,
  orderId: row.id as string,
});

/** Orders that name one of these carts. */
export const ordersNaming = async ({ postgres: sql }: Context, shopId: string, refs: readonly string[]): Promise<CartStep[]> =>
  (
    await sql`
      select o.id, o.origin_id, o.placed_at, o.historical, o.source, o.currency, array(select ref from orders.order_ref r where r.order_id = o.id order by ref) as refs, '[]'::jsonb as lines
      from orders."order" o where o.shop_id = ${shopId} and not o.test
        and o.id in (select order_id from orders.order_ref where shop_id = ${shopId} and ref = any(${refs as string[]}::text[]))`
  ).map(orderStep);

// ---- rows ---------------------------------------------------------------------------------------------------------

export type StoredCart = {
  id: string;
  shop_id: string;
  customer_id: number | null;
  steps: string[];
  digest: string;
  state: string;
};

/** Rows of these people, those written for an origin of theirs while a merge was under way included. */
export const storedCarts = async (
  { postgres: sql }: Context,
  customerIds: readonly number[],
  since: Date | null,
): Promise<StoredCart[]> =>
  (await sql`
    select id, shop_id, customers.owner_of(origin_id) as customer_id, steps, digest, state from orders.cart
    where (customer_id = any(${customerIds as number[]}::bigint[])
        or origin_id in (select origin_id from customers.owner where customer_id = any(${customerIds as number[]}::bigint[])))
      ${since ? sql`and last_activity_at >= ${since}` : sql``}
    order by id`) as unknown as StoredCart[];

export type CartRow = {
  /** null: a new one. */
  id: string | null;
  customerId: number | null;
  shopId: string;
  cart: Cart;
  dueAt: Date | null;
  digest: string;
};

/** Writes carts; returns their ids in order. */
export const writeCarts = async ({ postgres: sql }: Context, rows: readonly CartRow[]): Promise<string[]> => {
  if (rows.length === 0) return [];
  const fresh = (await sql`select uuidv7() as id from generate_series(1, ${rows.length})`).map(row => row.id as string);
  const ids = rows.map((row, index) => row.id ?? fresh[index]);
  const values = rows.map(({ cart, ...row }, index) => ({
    id: ids[index],
    origin_id: row.customerId === null ? null : cart.originId,
    customer_id: row.customerId,
    shop_id: row.shopId,
    key: cart.key,
    steps: [...cart.steps],
    refs: cart.refs,
    state: cart.state,
    lines: cart.lines,
    items: cart.items,
    value_minor: cart.valueMinor,
    currency: cart.currency,
    coupon: cart.coupon,
    url: cart.url,
    email_known: cart.emailKnown,
    started_at: cart.startedAt,
    last_activity_at: cart.lastActivityAt,
    checkout_at: cart.checkoutAt,
    abandoned_at: cart.abandonedAt,
    closed_at: cart.closedAt,
    order_id: cart.orderId,
    source: cart.source,
    historical: cart.historical,
    due_at: row.dueAt,
    digest: row.digest,
  }));
  await sql`
    insert into orders.cart (id, origin_id, customer_id, shop_id, key, steps, refs, state, lines, items, value_minor, currency, coupon, url, email_known,
      started_at, last_activity_at, checkout_at, abandoned_at, closed_at, order_id, source, historical, due_at, digest)
    select * from jsonb_to_recordset(${sql.json(values as never)}) as r(id uuid, origin_id bigint, customer_id bigint, shop_id uuid, key text, steps text[],
      refs text[], state text, lines jsonb, items numeric, value_minor bigint, currency text, coupon text, url text, email_known boolean, started_at timestamptz,
      last_activity_at timestamptz, checkout_at timestamptz, abandoned_at timestamptz, closed_at timestamptz, order_id uuid, source text, historical boolean,
      due_at timestamptz, digest text)
    on conflict (id) do update set origin_id = excluded.origin_id, customer_id = excluded.customer_id, key = excluded.key, steps = excluded.steps,
      refs = excluded.refs, state = excluded.state, lines = excluded.lines, items = excluded.items, value_minor = excluded.value_minor, currency = excluded.currency,
      coupon = excluded.coupon, url = excluded.url, email_known = excluded.email_known, started_at = excluded.started_at, last_activity_at = excluded.last_activity_at,
      checkout_at = excluded.checkout_at, abandoned_at = excluded.abandoned_at, closed_at = excluded.closed_at, order_id = excluded.order_id,
      source = excluded.source, historical = excluded.historical, due_at = excluded.due_at, digest = excluded.digest`;
  return ids;
};

export const deleteCarts = async ({ postgres: sql }: Context, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await sql`delete from orders.cart where id = any(${ids as string[]}::uuid[])`;
};

export type BrowseRow = { customerId: number; shopId: string; browse: Browse; dueAt: Date | null; digest: string };

/** The last look around of each of these people; what is the same is left alone. */
export const writeBrowses = async ({ postgres: sql }: Context, rows: readonly BrowseRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const stored = await sql`
    select customer_id, shop_id, digest from orders.browse where customer_id = any(${rows.map(row => row.customerId)}::bigint[])`;
  const before = new Map(stored.map(row => [`${row.customer_id}/${row.shop_id}`, row.digest as string]));
  const changed = rows.filter(row => before.get(`${row.customerId}/${row.shopId}`) !== row.digest);
  if (changed.length === 0) return;
  const values = changed.map(({ browse, ...row }) => ({
    origin_id: browse.originId,
    customer_id: row.customerId,
    shop_id: row.shopId,
    products: browse.products,
    started_at: browse.startedAt,
    last_activity_at: browse.lastActivityAt,
    added: browse.added,
    abandoned: browse.abandoned,
    historical: browse.historical,
    due_at: row.dueAt,
    digest: row.digest,
  }));
  await sql`
    delete from orders.browse b using unnest(${changed.map(row => row.customerId)}::bigint[], ${changed.map(row => row.shopId)}::uuid[]) as gone(customer_id, shop_id)
    where b.customer_id = gone.customer_id and b.shop_id = gone.shop_id`;
  await sql`
    insert into orders.browse (origin_id, customer_id, shop_id, products, started_at, last_activity_at, added, abandoned, historical, due_at, digest)
    select * from jsonb_to_recordset(${sql.json(values as never)}) as r(origin_id bigint, customer_id bigint, shop_id uuid, products jsonb, started_at timestamptz,
      last_activity_at timestamptz, added boolean, abandoned boolean, historical boolean, due_at timestamptz, digest text)`;
};

/** Looks around whose events were taken back. Those that are settled stay: they may lie before what was read. */
export const forgetBrowses = async (
  { postgres: sql }: Context,
  customerIds: readonly number[],
  kept: readonly BrowseRow[],
): Promise<void> => {
  await sql`
    delete from orders.browse where customer_id = any(${customerIds as number[]}::bigint[]) and due_at is not null
      and (customer_id, shop_id) not in (select * from unnest(${kept.map(row => row.customerId)}::bigint[], ${kept.map(row => row.shopId)}::uuid[]))`;
};
