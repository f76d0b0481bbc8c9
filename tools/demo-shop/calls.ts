/** What the demo shop's pages and its parcel service would have told: calls of Segment's API. */

import { type Customer, type Order, priceAt, type World } from './behaviour.ts';
import { catalogue } from './catalogue.ts';

export type Call = Record<string, unknown> & { type: string; timestamp: string; messageId: string };

const day_ms = 86_400_000;
const parcels_days = 240;
const browsing_days = 100;

export const makeCalls = (world: World, currency: string): Call[] => {
  const calls: Call[] = [];
  let count = 0;
  const say = (at: Date, who: Record<string, unknown>, event: string, properties: Record<string, unknown>): void => {
    if (at < world.from || at >= world.to) return;
    const about =
      event === 'Page Viewed' ? { type: 'page', name: properties.title, properties } : { type: 'track', event, properties };
    calls.push({ ...about, ...who, timestamp: at.toISOString(), messageId: `demo-${++count}` } as unknown as Call);
  };
  consents(world, say);
  for (const order of world.orders) {
    if (!order.customer) continue;
    parcel(world, order, say);
    if (since(world, order.placedAt) < browsing_days) visit(world, order.customer, order, currency, say);
    review(world, order, say);
  }
  idleVisits(world, currency, say);
  return calls.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
};

type Say = (at: Date, who: Record<string, unknown>, event: string, properties: Record<string, unknown>) => void;
const since = (world: World, at: Date): number => (world.to.getTime() - at.getTime()) / day_ms;
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const seconds = 1_000;

const consents = (world: World, say: Say): void => {
  const { random } = world;
  for (const customer of world.customers) {
    const at =
      customer.joinedAt < world.from ? later(world.from, random.whole(1, 20) * day_ms) : later(customer.joinedAt, 60 * seconds);
    const who = { userId: customer.key };
    if (random.chance(customer.habit === 'one order' ? 0.45 : 0.66)) {
      say(at, who, 'Consent Changed', { channel: 'email', state: 'subscribed', text_version: 'checkout 2' });
      if (random.chance(customer.stoppedAt ? 0.22 : 0.07)) {
        const end = customer.stoppedAt ?? later(at, random.whole(20, 500) * day_ms);
        say(later(end, random.whole(1, 40) * day_ms), who, 'Unsubscribed', { channel: 'email' });
      }
    }
    if (customer.phone && random.chance(0.2))
      say(later(at, 5 * seconds), who, 'Consent Changed', { channel: 'sms', state: 'subscribed', text_version: 'checkout 2' });
  }
};

const parcel = (world: World, order: Order, say: Say): void => {
  if (order.cancelledAt || since(world, order.placedAt) > parcels_days) return;
  const { random } = world;
  const who = { userId: order.customer!.key };
  const about = {
    order_number: order.number,
    carrier: random.weighted([
      ['Royal Post', 5],
      ['Nordpaket', 3],
      ['Coursier', 2],
    ] as const),
  };
  say(later(order.placedAt, random.whole(4, 30) * 3_600_000), who, 'Order Fulfilled', about);
  if (order.late)
    say(later(order.placedAt, 5 * day_ms), who, 'Order Delayed', {
      ...about,
      promised_days: 4,
      reason: random.pick(['carrier backlog', 'lost in depot', 'wrong route', 'customs']),
    });
  say(later(order.placedAt, order.delivered_days * day_ms + random.whole(0, 9) * 3_600_000), who, 'Order Delivered', {
    ...about,
    late: order.late,
    days: order.delivered_days,
  });
};

const describe = (world: World, sku: string, at: Date, currency: string) => {
  const product = catalogue.find(one => one.sku === sku)!;
  return { sku, name: product.name, category: product.category, price: priceAt(world, product, at), currency };
};

/** The way to an order: from the first page to the checkout. */
const visit = (world: World, customer: Customer, order: Order, currency: string, say: Say): void => {
  const { random } = world;
  const who = { userId: customer.key, anonymousId: `visitor-${customer.key}` };
  let at = later(order.placedAt, -random.whole(240, 1_500) * seconds);
  say(at, who, 'Page Viewed', { title: 'Home', path: '/', device: device(world) });
  for (const line of order.lines) {
    at = later(at, random.whole(15, 90) * seconds);
    say(at, who, 'Product Viewed', describe(world, line.sku, at, currency));
    say(later(at, 9 * seconds), who, 'Product Added', { ...describe(world, line.sku, at, currency), quantity: line.quantity });
  }
  if (random.chance(0.4))
    say(later(at, 20 * seconds), who, 'Product Viewed', describe(world, random.pick(catalogue).sku, at, currency));
  say(later(order.placedAt, -70 * seconds), who, 'Checkout Started', {
    value: order.lines.reduce((sum, line) => sum + line.price * line.quantity, 0),
    currency,
    items: order.lines.length,
  });
};

const device = (world: World): string =>
  world.random.weighted([
    ['phone', 6],
    ['desktop', 3],
    ['tablet', 1],
  ] as const);

const review = (world: World, order: Order, say: Say): void => {
  const { random } = world;
  if (order.cancelledAt || !random.chance(0.03)) return;
  const line = random.pick(order.lines);
  const rating =
    order.late || order.refund
      ? random.weighted([
          [1, 4],
          [2, 4],
          [3, 3],
          [4, 1],
        ] as const)
      : random.weighted([
          [5, 9],
          [4, 5],
          [3, 1],
        ] as const);
  say(
    later(order.placedAt, (order.delivered_days + random.whole(3, 15)) * day_ms),
    { userId: order.customer!.key },
    'Product Reviewed',
    { sku: line.sku, name: line.name, rating },
  );
};

/** Visits that end without an order: carts left behind, a look around, people who never said who they are. */
const idleVisits = (world: World, currency: string, say: Say): void => {
  const { random } = world;
  const alive = world.customers.filter(one => one.stoppedAt === null && one.habit !== 'one order' && one.habit !== 'gifts');
  const moment = () => new Date(world.to.getTime() - random.next() * browsing_days * day_ms);
  for (let i = 0; i < alive.length * 0.7; i++) {
    const customer = random.pick(alive);
    let at = moment();
    const who = { userId: customer.key, anonymousId: `visitor-${customer.key}` };
    const product = random.chance(0.7) ? random.pick(customer.favourites) : random.pick(catalogue);
    say(at, who, 'Product Viewed', describe(world, product.sku, at, currency));
    if (random.chance(0.35)) {
      at = later(at, 25 * seconds);
      say(at, who, 'Product Added', { ...describe(world, product.sku, at, currency), quantity: 1 });
      if (random.chance(0.5)) say(later(at, 40 * seconds), who, 'Checkout Started', { value: product.price, currency, items: 1 });
    }
  }
  for (let i = 0; i < world.customers.length / 5; i++) {
    const at = moment();
    const who = { anonymousId: `passer-by-${i + 1}` };
    say(at, who, 'Page Viewed', {
      title: 'Home',
      path: '/',
      device: device(world),
      referrer: random.pick(['search', 'instagram', 'direct', 'newsletter']),
    });
    if (random.chance(0.6))
      say(later(at, 30 * seconds), who, 'Product Viewed', describe(world, random.pick(catalogue).sku, at, currency));
  }
};
