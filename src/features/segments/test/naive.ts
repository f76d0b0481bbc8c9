/**
 * A third reading of definitions, to judge both compilers. It shares no code with them: it walks the written JSON and the raw rows
 * of a world, counts days on calendar pages instead of instants, and never heard of bitmaps.
 */
import { createHash } from 'node:crypto';
import type { World } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: reads JSON as it is written
type Json = Record<string, any>;

const calendars = new Map<string, Intl.DateTimeFormat>();
const localDay = (time: number, zone: string): string => {
  const calendar = calendars.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  calendars.set(zone, calendar);
  return calendar.format(time);
};
const shiftDays = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const shiftMonths = (day: string, months: number): string => {
  const [year, month, date] = day.split('-').map(Number);
  const index = year * 12 + (month - 1) + months;
  const lastDate = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-${String(Math.min(date, lastDate)).padStart(2, '0')}`;
};
const goBack = (day: string, span: Json): string => {
  if (span.days) return shiftDays(day, -span.days);
  return span.weeks ? shiftDays(day, -7 * span.weeks) : shiftMonths(day, -span.months);
};

/** The last millisecond of a local day, found by trying. */
const lastInstant = (day: string, zone: string): number => {
  let low = Date.parse(day) - 2 * 86_400_000;
  let high = Date.parse(day) + 3 * 86_400_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localDay(middle, zone) <= day) low = middle;
    else high = middle;
  }
  return low;
};

export const naiveMembers = (definition: unknown, world: World, segments: Record<string, unknown> = {}): number[] => {
  const endOfDay = lastInstant(world.asOf, world.zone);
  const dayAt = (time: number) => localDay(time, world.zone);

  const inTime = (condition: Json, time: number): boolean => {
    if (time > endOfDay) return false;
    const day = dayAt(time);
    if (condition.within)
      return condition.within.hours
        ? time > endOfDay - condition.within.hours * 3_600_000
        : day >= goBack(world.asOf, condition.within);
    if (condition.since) return day >= condition.since;
    if (condition.between && typeof condition.between[0] === 'string')
      return day >= condition.between[0] && day <= condition.between[1];
    if (typeof condition.before === 'string') return day < condition.before;
    if (condition.before)
      return condition.before.hours
        ? time <= endOfDay - condition.before.hours * 3_600_000
        : day < goBack(world.asOf, condition.before);
    return true;
  };
  const rowsOf = <T extends { originId: number }>(rows: readonly T[], id: number): T[] => {
    const mine: T[] = [];
    for (const row of rows)
      if ((world.owners.has(row.originId) ? world.owners.get(row.originId) : row.originId) === id) mine.push(row);
    return mine;
  };
  const bare = (value: any): any =>
    value !== null && typeof value === 'object' && 'amount_minor' in value ? value.amount_minor : value;

  const compares = (condition: Json, value: any, choices?: string[]): boolean => {
    const missing = value === undefined;
    for (const [word, raw] of Object.entries(condition)) {
      const wanted = bare(raw);
      const rank = (one: string) => choices!.indexOf(one);
      switch (word) {
        case 'set':
          return wanted
            ? !missing && !(Array.isArray(value) && !value.length)
            : missing || (Array.isArray(value) && !value.length);
        case 'is':
          return !missing && value === wanted;
        case 'is_not':
          return missing || value !== wanted;
        case 'in':
          return !missing && wanted.indexOf(value) !== -1;
        case 'not_in':
          return missing || wanted.indexOf(value) === -1;
        case 'contains':
          return !missing && value.toLowerCase().indexOf(wanted.toLowerCase()) !== -1;
        case 'not_contains':
          return missing || value.toLowerCase().indexOf(wanted.toLowerCase()) === -1;
        case 'starts_with':
          return !missing && value.toLowerCase().indexOf(wanted.toLowerCase()) === 0;
        case 'at_least':
          return !missing && (choices ? rank(value) >= rank(wanted) : !(value < wanted));
        case 'at_most':
          return !missing && (choices ? rank(value) <= rank(wanted) : !(value > wanted));
        case 'more_than':
          return !missing && value > wanted;
        case 'less_than':
          return !missing && value < wanted;
        case 'between':
          return !missing && !(value < bare(wanted[0])) && !(value > bare(wanted[1]));
        case 'within':
          return !missing && value <= world.asOf && value >= goBack(world.asOf, wanted);
        case 'within_next':
          return !missing && value >= world.asOf && value <= shiftDays(world.asOf, wanted.days);
        case 'before':
          return !missing && value < (typeof wanted === 'string' ? wanted : goBack(world.asOf, wanted));
        case 'after':
          return !missing && value > wanted;
        case 'anniversary':
          return !missing && celebrates(value, wanted);
        case 'has_any':
          return !missing && wanted.filter((one: string) => value.indexOf(one) !== -1).length > 0;
        case 'has_all':
          return !missing && wanted.filter((one: string) => value.indexOf(one) === -1).length === 0;
        case 'has_none':
          return missing || wanted.filter((one: string) => value.indexOf(one) !== -1).length === 0;
      }
    }
    throw new Error(`No comparison in ${JSON.stringify(condition)}`);
  };
  /** Walks the calendar, one page a day. */
  const celebrates = (born: string, stretch: Json): boolean => {
    for (let i = 0; i <= (stretch.next ?? stretch.last); i++) {
      const page = shiftDays(world.asOf, stretch.next === undefined ? -i : i);
      if (page.slice(5) === born.slice(5)) return true;
      const leap = new Date(Date.UTC(Number(page.slice(0, 4)), 1, 29)).getUTCMonth() === 1;
      if (born.slice(5) === '02-29' && !leap && page.slice(5) === '02-28') return true;
    }
    return false;
  };

  const factOf = (id: number, code: string): any => {
    const found = world.facts.filter(one => one.customerId === id && one.code === (code === 'test.own' ? 'test.number' : code));
    return found.length === 0 ? undefined : found[0].value;
  };

  const counted = (count: Json | undefined, actual: number): boolean => {
    if (!count) return actual > 0;
    if (count.exactly !== undefined) return actual === count.exactly;
    return count.at_most !== undefined ? !(actual > count.at_most) : !(actual < count.at_least);
  };

  const didIt = (condition: Json, id: number): boolean => {
    const happened = rowsOf(world.events, id).filter(event => {
      if (event.name !== condition.did || event.time > endOfDay) return false;
      if (condition.shops && condition.shops.indexOf(event.shopId) === -1) return false;
      return (condition.where ?? []).every((filter: Json) => {
        const { property, ...comparison } = filter;
        const [word] = Object.keys(comparison);
        const wanted = typeof comparison[word] === 'boolean' && word !== 'set' ? String(comparison[word]) : comparison[word];
        const numeric = typeof (Array.isArray(wanted) ? wanted[0] : wanted) === 'number';
        const value =
          word === 'set'
            ? (event.text[property] ?? event.number[property])
            : numeric
              ? event.number[property]
              : event.text[property];
        return compares({ [word]: wanted }, value);
      });
    });
    if (!condition.which) return counted(condition.count, happened.filter(event => inTime(condition, event.time)).length);
    happened.sort((a, b) => a.time - b.time);
    const one = condition.which === 'first' ? happened[0] : happened[happened.length - 1];
    return one !== undefined && inTime(condition, one.time);
  };

  const orderTotal = (condition: Json, id: number): boolean => {
    const { orders: measure, products, categories, shops, within, before, since, between, ...comparison } = condition;
    const part = products || categories;
    const ofShop = (row: { shopId: string }) => !shops || shops.indexOf(row.shopId) !== -1;
    const fits = (row: { shopId: string; time: number }) =>
      ofShop(row) && (measure === 'first' || measure === 'last' ? row.time <= endOfDay : inTime(condition, row.time));
    const lines = rowsOf(world.lines, id).filter(
      line =>
        fits(line) &&
        (!products || products.indexOf(line.sku) !== -1) &&
        (!categories || categories.indexOf(line.category) !== -1),
    );
    const goods = lines.filter(line => line.kind === 'product' && line.quantity > 0);
    const purchases = rowsOf(world.purchases, id).filter(fits);
    const orderIds = part ? [...new Set(goods.map(line => line.orderId))] : purchases.map(order => order.orderId);
    if (measure === 'first' || measure === 'last') {
      const times = (part ? goods.map(line => line.time) : purchases.map(order => order.time)).sort((a, b) => a - b);
      return times.length > 0 && inTime(condition, measure === 'first' ? times[0] : times[times.length - 1]);
    }
    let net = 0;
    let gross = 0;
    let back = 0;
    let tenThousandths = 0;
    for (const line of lines) {
      if (line.kind === 'product') gross += line.amountMinor;
      if (line.kind === 'return') back -= line.amountMinor;
      net = gross - back;
    }
    for (const line of goods) tenThousandths += Math.round(line.quantity * 10_000);
    const atPlacing = part
      ? goods.reduce((sum, line) => sum + line.amountMinor, 0)
      : purchases.reduce((sum, order) => sum + order.salesMinor, 0);
    const reduced = part
      ? new Set(goods.filter(line => line.discounted).map(line => line.orderId)).size
      : purchases.filter(order => order.discountMinor > 0).length;
    const value: number | undefined = {
      count: orderIds.length,
      sales: net,
      items: tenThousandths / 10_000,
      average: orderIds.length ? atPlacing / orderIds.length : undefined,
      discounted_share: orderIds.length ? (100 * reduced) / orderIds.length : undefined,
      refund_share: gross ? (100 * back) / gross : undefined,
    }[measure as string];
    return value !== undefined && compares(comparison, value);
  };

  const boughtIt = (condition: Json, id: number): boolean => {
    const basket = rowsOf(world.lines, id)
      .filter(
        line =>
          line.kind === 'product' &&
          line.quantity > 0 &&
          inTime(condition, line.time) &&
          (!condition.shops || condition.shops.indexOf(line.shopId) !== -1),
      )
      .map(line => (condition.by === 'category' ? line.category : line.sku));
    const has = (one: string) => basket.indexOf(one) !== -1;
    if (condition.but_not?.filter(has).length) return false;
    return condition.bought.all
      ? condition.bought.all.filter(has).length === condition.bought.all.length
      : condition.bought.any.filter(has).length > 0;
  };

  const holds = (node: Json, id: number): boolean => {
    if ('all' in node) return !node.all.some((child: Json) => !holds(child, id));
    if ('any' in node) return node.any.filter((child: Json) => holds(child, id)).length > 0;
    if ('not' in node) return !holds(node.not, id);
    if (node.did) return didIt(node, id);
    if (node.orders) return orderTotal(node, id);
    if (node.bought) return boughtIt(node, id);
    if (node.in_segment) return holds(segments[node.in_segment] as Json, id);
    if (node.share) {
      const hash = createHash('md5').update(`${node.share.salt}:${id}`).digest('hex');
      const number = Number.parseInt(hash.slice(6, 8) + hash.slice(4, 6) + hash.slice(2, 4) + hash.slice(0, 2), 16);
      return (number % 10_000) / 100 < node.share.percent;
    }
    for (const short of ['tag', 'identifier']) if (node[short]) return compares({ has_any: node[short] }, factOf(id, 'test.set'));
    if (node.consent) return factOf(id, `consent.${node.consent}`) === (node.state ?? 'subscribed');
    const { fact, ...comparison } = node;
    return compares(comparison, factOf(id, fact), fact === 'test.choice' ? ['bronze', 'silver', 'gold'] : undefined);
  };

  return world.customers
    .filter(customer => customer.known && customer.shopper && holds(definition as Json, customer.id))
    .map(customer => customer.id);
};
