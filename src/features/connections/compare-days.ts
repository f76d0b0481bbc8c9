/** The daily line: orders and sales of each day, the shop's own figures beside ours, and the orders that differ by name. */
import type { Context } from '../../platform/context.ts';
import type { Job } from '../../platform/feature.ts';
import { addDays, dayIn, endOfDay, startOfDay } from '../../platform/time.ts';
import { findShop } from '../shops/index.ts';
import type { Connection } from './connection.ts';
import type { OrderSum } from './connector.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { noteFailure, noteSuccess, troubleOf } from './health.ts';
import { connectionsOf, findConnection } from './postgres.ts';

export const comparedBack_days = 7;
const mostNamed = 50;

export type Difference = {
  number: string;
  /** Null: we do not have it. */
  order_id: string | null;
  what: 'missing' | 'not_theirs' | 'counts' | 'gross' | 'net';
  theirs_minor: number | null;
  ours_minor: number | null;
};

type Own = { id: string; number: string; day: string; counts: boolean; gross: number; net: number };

/** Compares the last days up to and with today, in the shop's calendar. Returns how many days differ. */
export const compareDays = async (context: Context, connection: Connection, days = comparedBack_days): Promise<number> => {
  const shop = (await findShop(context, connection.shop_id))!;
  const today = dayIn(shop.zone, context.clock.now());
  const from = addDays(today, -(days - 1));
  const connector = connectorOf(connection.kind);
  const theirs = await connector.orderSums(
    await accessOf(context, connection),
    startOfDay(shop.zone, from),
    endOfDay(shop.zone, today),
  );
  const ours = await ownOrders(context, connection.shop_id, from, today);
  let differ = 0;
  for (let day = from; day <= today; day = addDays(day, 1)) {
    const theirDay = theirs.filter(one => dayIn(shop.zone, one.placedAt) === day);
    const ourDay = ours.filter(one => one.day === day);
    const differing = differencesOf(theirDay, ourDay);
    if (differing.length > 0) differ++;
    await keepDay(context, connection, shop.currency, day, theirDay, ourDay, differing);
  }
  await context.live.publish('connection', { id: connection.id }, 'connections:read');
  return differ;
};

const ownOrders = async ({ postgres }: Context, shopId: string, from: string, until: string): Promise<Own[]> =>
  (await postgres`
    select o.id, o.number, o.day, o.counts, o.total_minor as gross,
      o.sales_minor - coalesce((select sum(l.amount_minor) from orders.refund r join orders.refund_line l on l.refund_id = r.id where r.order_id = o.id), 0)::bigint as net
    from orders."order" o where o.shop_id = ${shopId} and o.day between ${from}::date and ${until}::date`) as unknown as Own[];

/** Order by order, by number. Pure. */
export const differencesOf = (theirs: readonly OrderSum[], ours: readonly Own[]): Difference[] => {
  const own = new Map(ours.map(one => [one.number, one]));
  const named = new Set(theirs.map(one => one.number));
  const found: Difference[] = [];
  for (const one of theirs) {
    const mine = own.get(one.number);
    if (!mine) {
      if (one.counts)
        found.push({ number: one.number, order_id: null, what: 'missing', theirs_minor: one.grossMinor, ours_minor: null });
      continue;
    }
    const about = { number: one.number, order_id: mine.id };
    if (one.counts !== mine.counts)
      found.push({
        ...about,
        what: 'counts',
        theirs_minor: one.counts ? one.grossMinor : 0,
        ours_minor: mine.counts ? mine.gross : 0,
      });
    else if (one.counts && one.grossMinor !== mine.gross)
      found.push({ ...about, what: 'gross', theirs_minor: one.grossMinor, ours_minor: mine.gross });
    else if (one.counts && one.netMinor !== mine.net)
      found.push({ ...about, what: 'net', theirs_minor: one.netMinor, ours_minor: mine.net });
  }
  for (const one of ours)
    if (one.counts && !named.has(one.number))
      found.push({ number: one.number, order_id: one.id, what: 'not_theirs', theirs_minor: null, ours_minor: one.gross });
  return found;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const keepDay = async (
  { postgres, clock }: Context,
  connection: Connection,
  currency: string,
  day: string,
  theirs: readonly OrderSum[],
  ours: readonly Own[],
  differing: readonly Difference[],
): Promise<void> => {
  const [t, o] = [theirs.filter(one => one.counts), ours.filter(one => one.counts)];
  await postgres`
    insert into connections.comparison (connection_id, day, currency, their_orders, our_orders, their_gross_minor, our_gross_minor, their_net_minor, our_net_minor, differing, compared_at)
    values (${connection.id}, ${day}::date, ${currency}, ${t.length}, ${o.length}, ${sum(t.map(one => one.grossMinor))}, ${sum(o.map(one => one.gross))},
      ${sum(t.map(one => one.netMinor))}, ${sum(o.map(one => one.net))}, ${postgres.json(differing.slice(0, mostNamed) as never)}, ${clock.now()})
    on conflict (connection_id, day) do update
    set currency = excluded.currency, their_orders = excluded.their_orders, our_orders = excluded.our_orders, their_gross_minor = excluded.their_gross_minor,
      our_gross_minor = excluded.our_gross_minor, their_net_minor = excluded.their_net_minor, our_net_minor = excluded.our_net_minor,
      differing = excluded.differing, compared_at = excluded.compared_at`;
};

export const compareJob = 'connections.compare';

const compareOne = async (context: Context, connection: Connection): Promise<number> => {
  try {
    const differ = await compareDays(context, connection);
    await noteSuccess(context, connection.id);
    return differ;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    await noteFailure(context, connection.id, trouble);
    return 0;
  }
};

/** Nightly for all, or one that was asked for. */
export const compare: Job = {
  name: compareJob,
  schedule: '10 4 * * *',
  run: async (context, payload) => {
    const one = typeof payload.connection_id === 'string' ? await findConnection(context, payload.connection_id) : null;
    const wanted = one ? [one] : (await connectionsOf(context)).filter(connection => connection.state === 'active');
    let differ = 0;
    for (const connection of wanted) differ += await compareOne(context, connection);
    return { differ };
  },
};
