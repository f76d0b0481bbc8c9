/**
 * Worker stage: works out the carts of everybody about whom something has changed, and of everybody whose idle time is over. A silence is
 * judged against what is known, not against the clock: while events wait in the inbox, one of them may be the sign of life.
 */
import { createHash } from 'node:crypto';
import type { Context } from '../../../platform/context.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { takeTouched, touchCustomers } from '../../customers/index.ts';
import { announceSilences, type Silence } from './announce-silence.ts';
import { type Browse, type Cart, foldCarts } from './fold-carts.ts';
import { type IdleRules, readIdleRules } from './idle-rule.ts';
import {
  type BrowseRow,
  type CartRow,
  deleteCarts,
  forgetBrowses,
  ordersNaming,
  readSteps,
  type StoredCart,
  stepsOfCheckout,
  storedCarts,
  writeBrowses,
  writeCarts,
} from './postgres.ts';
import { cartEventNames } from './read-step.ts';
import { checkoutRecorded } from './record-checkouts.ts';

export const consumer = 'orders.carts';
/** What carts look at; word of the job that fills them at the first start included. */
export const cartsRefilled = 'Carts Refilled';
const words = new Set([...cartEventNames, 'Order Completed', 'Order Cancelled', 'merge', checkoutRecorded, cartsRefilled]);
export const wants = (changed: readonly string[]): boolean => changed.some(word => words.has(word));

const portion = 500;
/** A live change concerns the present: older carts are left as they are. */
const lookBack_ms = 90 * 86_400_000;
/** A request that is just being stored was received a moment before it is in the inbox. */
const onTheWay_ms = 5_000;

/** Says whether there was work. */
export const followCarts = (context: Context): Promise<boolean> =>
  inTransaction(context, async inside => {
    const touched = await takeTouched(inside, consumer, portion);
    const until = await knownUntil(inside);
    const due = await findDue(inside, until);
    const checkouts = await takeNobodys(inside, until);
    if (touched.length === 0 && due.length === 0 && checkouts.length === 0) return false;
    const rules = await readIdleRules(inside);
    const historical = new Map<number, boolean>(due.map(id => [id, false]));
    for (const one of touched) historical.set(one.customerId, one.historical);
    const past = touched.filter(one => one.historical).map(one => one.customerId);
    const live = [...historical.keys()].filter(id => !past.includes(id));
    await followPeople(inside, past, { rules, until, since: null });
    await followPeople(inside, live, { rules, until, since: new Date(inside.clock.now().getTime() - lookBack_ms) });
    await followNobodys(inside, checkouts, rules, until);
    return true;
  });

/** The time up to which everything that happened is known here. */
const knownUntil = async ({ postgres, clock }: Context): Promise<Date> => {
  const [{ until }] = await postgres`
    select least(${new Date(clock.now().getTime() - onTheWay_ms)}::timestamptz, (select min(received_at) from tracking.inbox)) as until`;
  return until as Date;
};

const findDue = async ({ postgres }: Context, until: Date): Promise<number[]> => {
  const rows = await postgres`
    select customer_id from orders.cart where due_at <= ${until} and customer_id is not null
    union select customer_id from orders.browse where due_at <= ${until} limit ${portion}`;
  return rows.map(row => row.customer_id as number);
};

const takeNobodys = async ({ postgres }: Context, until: Date): Promise<Record<string, unknown>[]> => {
  const taken = await postgres`
    delete from orders.checkout_due where checkout_id in (select checkout_id from orders.checkout_due order by checkout_id for update skip locked limit ${portion})
    returning checkout_id`;
  return postgres`
    select c.* from orders.checkout c
    where c.customer_id is null and (c.id = any(${taken.map(row => row.checkout_id as string)}::uuid[])
      or c.id in (select split_part(key, '@', 1)::uuid from orders.cart where customer_id is null and due_at <= ${until} limit ${portion}))`;
};

type Judged = { rules: IdleRules; until: Date; since: Date | null };

const followPeople = async (context: Context, customerIds: readonly number[], judged: Judged): Promise<void> => {
  if (customerIds.length === 0) return;
  const since = judged.since && (await beginningOf(context, customerIds, judged.since));
  const stored = Map.groupBy(await storedCarts(context, customerIds, since), row => `${row.customer_id}/${row.shop_id}`);
  const steps = await readSteps(context, customerIds, since);
  const carts: CartRow[] = [];
  const browses: BrowseRow[] = [];
  const gone: string[] = [];
  for (const key of new Set([...steps.keys(), ...stored.keys()])) {
    const [customer, shopId] = key.split('/');
    const customerId = Number(customer);
    const idle_ms = judged.rules.forShop(shopId) * 60_000;
    const folded = foldCarts(steps.get(key) ?? [], { idle_ms, until: judged.until });
    const matched = match(folded.carts, stored.get(key) ?? []);
    gone.push(...matched.gone);
    carts.push(
      ...matched.carts.map(({ id, cart, digest }) => ({ id, customerId, shopId, cart, digest, dueAt: dueOf(cart, idle_ms) })),
    );
    if (folded.browse?.originId) browses.push(browseRow(folded.browse, customerId, shopId, idle_ms));
  }
  await deleteCarts(context, gone);
  const ids = await writeCarts(context, carts);
  await writeBrowses(context, browses);
  await forgetBrowses(context, customerIds, browses);
  await announceSilences(context, silencesOf(carts, ids, browses));
  await tellOthers(context, carts, gone.length > 0 ? customerIds : []);
};

/** Whoever has a cart that began earlier is looked at from there: a cart is never worked out from its middle. */
const beginningOf = async ({ postgres }: Context, customerIds: readonly number[], since: Date): Promise<Date> => {
  const [row] = await postgres`
    select min(started_at) as first from orders.cart where customer_id = any(${customerIds as number[]}::bigint[]) and (last_activity_at >= ${since} or due_at is not null)`;
  const first = row.first as Date | null;
  return first !== null && first < since ? first : since;
};

const dueOf = (cart: Cart, idle_ms: number): Date | null =>
  cart.state === 'open' || cart.state === 'checkout' ? new Date(cart.lastActivityAt.getTime() + idle_ms) : null;

const browseRow = (browse: Browse, customerId: number, shopId: string, idle_ms: number): BrowseRow => ({
  customerId,
  shopId,
  browse,
  // A look around without a product named is nothing to come back to.
  dueAt:
    browse.added || browse.abandoned || browse.products.length === 0 ? null : new Date(browse.lastActivityAt.getTime() + idle_ms),
  digest: digestOf(browse),
});

const digestOf = (value: object): string => createHash('sha1').update(JSON.stringify(value)).digest('base64');

/** Which row each cart is: the one that shares a step with it. Rows without a cart go; carts that are the same are left out. */
const match = (
  carts: readonly Cart[],
  stored: readonly StoredCart[],
): { carts: { id: string | null; cart: Cart; digest: string }[]; gone: string[] } => {
  const free = new Map(stored.map(row => [row.id, row]));
  const changed: { id: string | null; cart: Cart; digest: string }[] = [];
  for (const cart of carts) {
    const row = [...free.values()].find(one => one.steps.some(step => cart.steps.has(step)));
    if (row) free.delete(row.id);
    const digest = digestOf({ ...cart, steps: [...cart.steps] });
    if (row?.digest !== digest) changed.push({ id: row?.id ?? null, cart, digest });
  }
  return { carts: changed, gone: [...free.keys()] };
};

const silencesOf = (carts: readonly CartRow[], ids: readonly string[], browses: readonly BrowseRow[]): Silence[] => [
  ...carts.flatMap(({ cart, shopId, customerId }, index): Silence[] =>
    cart.state === 'abandoned' && !cart.historical && cart.lastOriginId !== null && customerId !== null
      ? [
          {
            kind: 'cart',
            cartId: ids[index],
            customerId,
            originId: cart.lastOriginId,
            shopId,
            at: cart.abandonedAt!,
            since: cart.lastActivityAt,
            cart,
          },
        ]
      : [],
  ),
  ...browses.flatMap(({ browse, shopId, customerId, dueAt }): Silence[] =>
    browse.abandoned && !browse.historical && dueAt === null
      ? [{ kind: 'browse', customerId, originId: browse.originId!, shopId, since: browse.lastActivityAt, browse }]
      : [],
  ),
];

/** Facts about carts have changed: segments look again. */
const tellOthers = async (context: Context, carts: readonly CartRow[], also: readonly number[]): Promise<void> => {
  const groups = Map.groupBy(carts, row => row.cart.historical);
  for (const [historical, rows] of groups)
    await touchCustomers(
      context,
      rows.flatMap(row => row.customerId ?? []),
      ['carts'],
      { historical },
    );
  await touchCustomers(context, also, ['carts'], { historical: true });
  if (carts.length > 0) await context.live.publish('carts', {}, 'orders:read');
};

/** Checkouts of nobody known: each is a cart of its own, closed by the order that names it. */
const followNobodys = async (
  context: Context,
  checkouts: readonly Record<string, unknown>[],
  rules: IdleRules,
  until: Date,
): Promise<void> => {
  for (const row of checkouts) {
    const shopId = row.shop_id as string;
    const idle_ms = rules.forShop(shopId) * 60_000;
    const steps = [...stepsOfCheckout(row), ...(await ordersNaming(context, shopId, row.refs as string[]))];
    const { carts } = foldCarts(steps, { idle_ms, until });
    const stored = (await context.postgres`
      select id, shop_id, customer_id, steps, digest, state from orders.cart
      where customer_id is null and shop_id = ${shopId} and refs && ${row.refs as string[]}::text[] order by id`) as unknown as StoredCart[];
    const matched = match(carts, stored);
    await deleteCarts(context, matched.gone);
    await writeCarts(
      context,
      matched.carts.map(({ id, cart, digest }) => ({ id, customerId: null, shopId, cart, digest, dueAt: dueOf(cart, idle_ms) })),
    );
  }
};
