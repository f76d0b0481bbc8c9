import type { Context } from '../../platform/context.ts';
import type { Fact } from '../customers/index.ts';
import { purchaseRows } from '../orders/index.ts';
import { eventsOf, flattenProperties } from '../tracking/index.ts';
import type { EventNeed, Needs, Person, PersonEvent, PersonLine, PersonPurchase } from './condition.ts';
import { boundsOf, type Moment } from './moment.ts';
import type { FactValue } from './vocabulary.ts';

/** Orders come in portions: one statement with a hundred thousand ids is slower than a few smaller ones. */
const orderPortion = 4_000;

/**
 * One scoped read of everything the definitions ask about these customers (owners), from PostgreSQL. `asOf`: the end of a past day, for
 * facts; null = now.
 */
export const loadPeople = async (
  context: Context,
  customerIds: readonly number[],
  needs: Needs,
  facts: ReadonlyMap<string, Fact>,
  moment: Moment,
  asOf: Date | null = null,
): Promise<Person[]> => {
  const ids = [...customerIds];
  const [base, events, purchases, values] = await Promise.all([
    context.postgres`
      select id, known and merged_into is null and erased_at is null and not_shopper is null as counts
      from customers.customer where id = any(${ids}::bigint[]) order by id`,
    loadEvents(context, ids, needs.events, moment),
    needs.purchases ? loadPurchases(context, ids) : new Map<number, Purchases>(),
    loadFacts(context, ids, needs.facts, facts, asOf),
  ]);
  const byPerson = new Map<number, Map<string, PersonEvent[]>>();
  for (const event of events) {
    const names = byPerson.get(event.customerId) ?? new Map<string, PersonEvent[]>();
    byPerson.set(event.customerId, names);
    // Like the ClickHouse copy: what people say about themselves is an attribute, not a property.
    const flat = event.name === 'Identified' ? { text: {}, number: {} } : flattenProperties(event.properties);
    const list = names.get(event.name) ?? [];
    list.push({ time: event.time.getTime(), shopId: event.shopId, ...flat });
    names.set(event.name, list);
  }
  return base.map(row => {
    const id = row.id as number;
    return {
      id,
      counts: row.counts as boolean,
      events: byPerson.get(id) ?? new Map(),
      purchases: purchases.get(id)?.purchases ?? [],
      lines: purchases.get(id)?.lines ?? [],
      facts: values.get(id) ?? new Map(),
    };
  });
};

/** Names that are asked for ever apart from those asked for lately: the log is kept by month, and each month costs a look. */
const loadEvents = async (context: Context, ids: readonly number[], needs: readonly EventNeed[], moment: Moment) => {
  const since = new Map<string, Date | null>();
  for (const { name, window } of needs) {
    const { from } = boundsOf(window, moment);
    const known = since.get(name);
    since.set(
      name,
      known === undefined ? from : known === null || from === null ? null : new Date(Math.min(from.getTime(), known.getTime())),
    );
  }
  const ever = [...since].flatMap(([name, from]) => (from === null ? [name] : []));
  const lately = [...since].flatMap(([name, from]) => (from === null ? [] : [{ name, from }]));
  const earliest = new Date(Math.min(...lately.map(one => one.from.getTime())));
  const { until } = moment;
  return [
    ...(ever.length === 0 ? [] : await eventsOf(context, ids, { names: ever, until })),
    ...(lately.length === 0 ? [] : await eventsOf(context, ids, { names: lately.map(one => one.name), since: earliest, until })),
  ];
};

type Purchases = { purchases: PersonPurchase[]; lines: PersonLine[] };
const instantOf = (text: unknown): number => Date.parse(`${(text as string).replace(' ', 'T')}Z`);

/** The very rows that are copied to ClickHouse, so that both readings see the same orders. */
const loadPurchases = async (context: Context, ids: readonly number[]): Promise<Map<number, Purchases>> => {
  const orders = await context.postgres`
    select id, customer_id from orders."order" where customer_id = any(${ids as number[]}::bigint[]) and counts order by id`;
  const owner = new Map(orders.map(row => [row.id as string, row.customer_id as number]));
  const found = new Map<number, Purchases>();
  const of = (orderId: unknown): Purchases => {
    const id = owner.get(orderId as string) as number;
    const mine = found.get(id) ?? { purchases: [], lines: [] };
    found.set(id, mine);
    return mine;
  };
  const orderIds = [...owner.keys()];
  for (let from = 0; from < orderIds.length; from += orderPortion) {
    const rows = await purchaseRows(context, orderIds.slice(from, from + orderPortion));
    for (const row of rows.purchases) {
      of(row.order_id).purchases.push({
        orderId: row.order_id as string,
        shopId: row.shop_id as string,
        time: instantOf(row.time),
        salesMinor: row.sales_minor as number,
        discountMinor: row.discount_minor as number,
      });
    }
    for (const row of rows.lines) {
      of(row.order_id).lines.push({
        orderId: row.order_id as string,
        shopId: row.shop_id as string,
        time: instantOf(row.time),
        sku: row.sku as string,
        category: row.category as string,
        kind: row.kind as string,
        quantity: row.quantity as number,
        amountMinor: row.amount_minor as number,
        discounted: row.discounted as boolean,
      });
    }
  }
  return found;
};

/** Values of many facts, by customer. */
export const loadFacts = async (
  context: Context,
  ids: readonly number[],
  codes: readonly string[],
  facts: ReadonlyMap<string, Fact>,
  asOf: Date | null,
): Promise<Map<number, Map<string, FactValue>>> => {
  const found = new Map<number, Map<string, FactValue>>();
  for (const code of codes) {
    const fact = facts.get(code);
    if (!fact) continue;
    for (const [id, value] of await fact.read(context, ids, asOf)) {
      const mine = found.get(id) ?? new Map<string, FactValue>();
      mine.set(code, value);
      found.set(id, mine);
    }
  }
  return found;
};
