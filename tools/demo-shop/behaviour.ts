/**
 * How the demo shop's customers behave: each with a rhythm of their own, seasons, a reason when they stop. What is decided here is the
 * hidden truth; what a shop would see of it (orders, calls) is what the product gets.
 */
import { catalogue, codeOf, type Product, productBySku } from './catalogue.ts';
import { openPeople, type Person } from './people.ts';
import { openRandom, type Random } from './random.ts';

export type Habit = 'one order' | 'now and then' | 'regular' | 'devoted' | 'gifts' | 'café';
export type Cause = 'late parcel' | 'bad experience' | 'price rise' | 'favourite out of stock' | 'moved on';

export type Customer = Person & {
  key: string;
  habit: Habit;
  joinedAt: Date;
  foundUsBy: string;
  /** Mean days between purchases; null where there is no rhythm. */
  usualGap_days: number | null;
  /** When they stopped for good, and why; null while they have not. */
  stoppedAt: Date | null;
  cause: Cause | null;
  /** The same person under an older address. */
  sameAs: string | null;
  favourites: Product[];
};

export type Line = { sku: string; name: string; category: string; quantity: number; price: number; discount: number };
export type Order = {
  number: string;
  customer: Customer | null;
  placedAt: Date;
  lines: Line[];
  shipping: number;
  code: string | null;
  cancelledAt: Date | null;
  refund: { at: Date; line: Line; quantity: number } | null;
  /** Days from order to door; longer than promised when late. */
  delivered_days: number;
  late: boolean;
};

export type World = { customers: Customer[]; orders: Order[]; random: Random; from: Date; to: Date; priceRiseAt: Date };

const day_ms = 86_400_000;
const window_days = 730;
const priceRise_daysAgo = 270;
const priceRise = 1.09;
export const customerCount = 12_000;

const habits: readonly (readonly [Habit, number])[] = [
  ['one order', 42],
  ['now and then', 24],
  ['regular', 18],
  ['devoted', 2.6],
  ['gifts', 13.3],
  ['café', 0.1],
];
const causes: readonly (readonly [Cause, number])[] = [
  ['moved on', 38],
  ['late parcel', 20],
  ['price rise', 18],
  ['bad experience', 13],
  ['favourite out of stock', 11],
];
const sources: readonly (readonly [string, number])[] = [
  ['search', 34],
  ['friend', 21],
  ['instagram', 17],
  ['newsletter', 9],
  ['market stall', 8],
  ['podcast', 6],
  ['press', 5],
];
const cafés = [
  'Café Lindenhof',
  'The Copper Kettle',
  'Brasserie du Port',
  'Kaffeehaus Ritter',
  'Low Tide Coffee Bar',
  'Bakkerij Molenaar',
  'Corner & Crumb',
  'Teestube Elbe',
  'Pane e Caffè',
  'The Reading Room',
  'Bistro Marlow',
  'Kaffekoppen',
];

export const makeWorld = (seed: string, now: Date, count = customerCount): World => {
  const random = openRandom(seed);
  const from = new Date(now.getTime() - window_days * day_ms);
  const world: World = {
    customers: [],
    orders: [],
    random,
    from,
    to: now,
    priceRiseAt: new Date(now.getTime() - priceRise_daysAgo * day_ms),
  };
  const nextPerson = openPeople(random);
  for (let i = 0; i < count; i++) addCustomer(world, nextPerson(), i);
  addSecondAddresses(world, nextPerson);
  world.orders.sort((a, b) => a.placedAt.getTime() - b.placedAt.getTime());
  for (const [i, order] of world.orders.entries()) order.number = `KF-${20_000 + i}`;
  return world;
};

const addCustomer = (world: World, person: Person, index: number): void => {
  const { random, from, to } = world;
  const habit = index < cafés.length ? 'café' : random.weighted(habits);
  // A third were there before the window begins; later ones come with growth.
  const before = random.chance(0.33);
  const joinedAt = before
    ? new Date(from.getTime() - random.whole(1, 500) * day_ms)
    : new Date(from.getTime() + Math.sqrt(random.next()) * (to.getTime() - from.getTime()));
  const customer: Customer = {
    ...person,
    ...(habit === 'café' ? caféNamed(cafés[index % cafés.length], person) : {}),
    key: `kf-${String(index + 1).padStart(5, '0')}`,
    habit,
    joinedAt,
    foundUsBy: random.weighted(sources),
    usualGap_days: null,
    stoppedAt: null,
    cause: null,
    sameAs: null,
    favourites: favouritesOf(random, habit),
  };
  world.customers.push(customer);
  if (habit === 'one order') buyOnce(world, customer);
  else if (habit === 'gifts') buyGifts(world, customer);
  else buyInRhythm(world, customer);
};

const caféNamed = (name: string, person: Person): Partial<Person> => ({
  firstName: name,
  lastName: '',
  email: `orders@${name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')}.invalid`,
  phone: person.phone,
});

/** A few people order under a new address one day, with the same name and number. */
const addSecondAddresses = (world: World, nextPerson: () => Person): void => {
  const { random } = world;
  const movers = world.customers
    .filter(one => one.habit === 'regular' && one.phone && one.stoppedAt === null && one.sameAs === null)
    .slice(0, 60);
  for (const [i, old] of movers.entries()) {
    const other: Customer = {
      ...old,
      email: nextPerson().email.replace(/^[^@]+/, `${old.email.split('@')[0]}.${random.whole(10, 99)}`),
      key: `kf-${String(world.customers.length + 1).padStart(5, '0')}`,
      sameAs: old.key,
      joinedAt: old.joinedAt,
    };
    const moved = new Date(world.to.getTime() - (90 + i * 4) * day_ms);
    other.joinedAt = moved;
    world.customers.push(other);
    for (const order of world.orders) if (order.customer === old && order.placedAt > moved) order.customer = other;
  }
};

const favouritesOf = (random: Random, habit: Habit): Product[] => {
  const category = random.weighted([
    ['Single origin coffee', 30],
    ['Espresso & blends', 30],
    ['Decaf', 6],
    ['Black tea', 13],
    ['Green tea', 12],
    ['Herbal & rooibos', 9],
  ] as const);
  const large = habit === 'café' || (habit === 'devoted' && random.chance(0.5));
  const choice = catalogue.filter(
    one =>
      one.category === category &&
      (category.includes('tea') || category.includes('Herbal') || one.sku.endsWith('-1000') === large),
  );
  const pick = () => random.weighted(choice.map(one => [one, one.appeal] as const));
  return [
    ...new Set([
      pick(),
      ...(random.chance(0.55) ? [pick()] : []),
      ...(habit === 'devoted' || habit === 'café' ? [pick(), pick()] : []),
    ]),
  ];
};

// ---- three ways of buying ----------------------------------------------------------------------------------------

const buyOnce = (world: World, customer: Customer): void => {
  if (customer.joinedAt < world.from) return;
  addOrder(world, customer, customer.joinedAt);
};

/** Before Christmas, and some for Mother's Day (Sunday in May); not every year. */
const buyGifts = (world: World, customer: Customer): void => {
  const { random, from, to } = world;
  for (let year = from.getUTCFullYear(); year <= to.getUTCFullYear(); year++) {
    if (random.chance(0.5)) addOrder(world, customer, new Date(Date.UTC(year, 10, 12) + random.whole(0, 34) * day_ms), 'gift');
    if (random.chance(0.16)) addOrder(world, customer, new Date(Date.UTC(year, 4, 1) + random.whole(0, 9) * day_ms), 'gift');
  }
};

const rhythmOf = (random: Random, habit: Habit): { gap: number; shape: number; life: number } => {
  if (habit === 'devoted') return { gap: 9 + random.gamma(9, 3), shape: 7, life: 900 };
  if (habit === 'café') return { gap: 24 + random.whole(0, 12), shape: 9, life: 2_000 };
  if (habit === 'regular') return { gap: 15 + random.gamma(24, 2.5), shape: 4 + random.next() * 4, life: 520 };
  return { gap: 80 + random.gamma(80, 2), shape: 1.4, life: 480 };
};

const buyInRhythm = (world: World, customer: Customer): void => {
  const { random, from, to, priceRiseAt } = world;
  const { gap, shape, life } = rhythmOf(random, customer.habit);
  customer.usualGap_days = Math.round(gap * 10) / 10;
  const cause = random.weighted(causes);
  let stop = customer.joinedAt.getTime() + random.exponential(life) * day_ms;
  // Whom the prices drove away left in the weeks after they rose.
  if (cause === 'price rise')
    stop =
      customer.joinedAt < priceRiseAt && random.chance(0.5)
        ? priceRiseAt.getTime() + random.exponential(25) * day_ms
        : Number.POSITIVE_INFINITY;
  const early = customer.joinedAt < from ? from.getTime() - random.next() * gap * day_ms : customer.joinedAt.getTime();
  let last: Order | null = null;
  for (let at = early; at < Math.min(stop, to.getTime()); at += nextGap(random, at, gap, shape) * day_ms) {
    last = addOrder(world, customer, new Date(at)) ?? last;
  }
  if (stop >= to.getTime()) return;
  customer.stoppedAt = new Date(Math.min(stop, to.getTime()));
  customer.cause = cause;
  if (last) leaveTrace(world, last, cause);
};

/** Days to the next order: own rhythm, a little sooner before Christmas, later in summer; now and then somebody is away. */
const nextGap = (random: Random, at: number, gap: number, shape: number): number => {
  const season = [1, 1, 1, 1, 1, 0.97, 0.88, 0.85, 1, 1.04, 1.15, 1.2][new Date(at).getUTCMonth()];
  const away = random.chance(0.03) ? 1.8 : 1;
  return Math.max(2, (random.gamma(gap, shape) * away) / season);
};

/** What a shop can see of why somebody stopped: their last order went wrong. */
const leaveTrace = (world: World, order: Order, cause: Cause): void => {
  const { random } = world;
  if (cause === 'late parcel') Object.assign(order, { late: true, delivered_days: random.whole(9, 17) });
  if (cause === 'bad experience' && order.refund === null) order.refund = refundOf(random, order, 1);
};

// ---- one order ---------------------------------------------------------------------------------------------------

const addOrder = (world: World, customer: Customer, when: Date, why: 'usual' | 'gift' = 'usual'): Order | null => {
  const { random, from, to } = world;
  const placedAt = atShoppingHour(random, when);
  if (placedAt < from || placedAt >= to) return null;
  const isFirst = Math.abs(placedAt.getTime() - customer.joinedAt.getTime()) < 2 * day_ms;
  const code = codeFor(random, placedAt, isFirst);
  const lines = basket(world, customer, why, placedAt).map(line => ({ ...line, discount: discountOf(line, code) }));
  const goods = lines.reduce((sum, line) => sum + line.price * line.quantity - line.discount, 0);
  const late = random.chance(0.035);
  const order: Order = {
    number: '',
    // Some buy at the market stall and leave no address.
    customer: customer.habit === 'one order' && random.chance(0.04) ? null : customer,
    placedAt,
    lines,
    shipping: goods < 40 ? 3.9 : 0,
    code,
    cancelledAt: random.chance(0.01) ? new Date(placedAt.getTime() + random.whole(1, 20) * 3_600_000) : null,
    refund: null,
    delivered_days: late ? random.whole(7, 13) : random.whole(1, 4),
    late,
  };
  if (!order.cancelledAt && random.chance(0.025)) order.refund = refundOf(random, order, random.whole(3, 18));
  if (order.refund && order.refund.at >= to) order.refund = null;
  if (order.cancelledAt && order.cancelledAt >= to) order.cancelledAt = null;
  world.orders.push(order);
  return order;
};

const refundOf = (random: Random, order: Order, after_days: number): Order['refund'] => {
  const line = random.pick(order.lines);
  const at = new Date(order.placedAt.getTime() + (order.delivered_days + after_days) * day_ms);
  return { at, line, quantity: line.quantity };
};

const hours: readonly (readonly [number, number])[] = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23].map(
  (hour, i) => [hour, [3, 5, 6, 6, 6, 8, 6, 5, 5, 5, 6, 7, 9, 12, 11, 6, 2][i]] as const,
);
const atShoppingHour = (random: Random, when: Date): Date => {
  const day = Math.floor(when.getTime() / day_ms) * day_ms;
  return new Date(day + random.weighted(hours) * 3_600_000 + random.whole(0, 3_599) * 1000);
};

const codeFor = (random: Random, at: Date, isFirst: boolean): string | null => {
  const [month, day] = [at.getUTCMonth() + 1, at.getUTCDate()];
  if (isFirst && random.chance(0.35)) return codeOf.welcome;
  if (((month === 11 && day >= 22) || (month === 12 && day === 1)) && random.chance(0.5)) return codeOf.november;
  if (month === 7 && day >= 5 && day <= 20 && random.chance(0.25)) return codeOf.summer;
  return random.chance(0.01) ? codeOf.friend : null;
};
const shares: Record<string, number> = {
  [codeOf.welcome]: 0.1,
  [codeOf.november]: 0.2,
  [codeOf.summer]: 0.15,
  [codeOf.friend]: 0.05,
};
const discountOf = (line: Omit<Line, 'discount'>, code: string | null): number =>
  code ? Math.round(line.price * line.quantity * shares[code] * 100) / 100 : 0;

const basket = (world: World, customer: Customer, why: 'usual' | 'gift', at: Date): Omit<Line, 'discount'>[] => {
  const { random } = world;
  const chosen = new Map<string, number>();
  const take = (product: Product | undefined, quantity = 1) =>
    product && chosen.set(product.sku, (chosen.get(product.sku) ?? 0) + quantity);
  const from = (...categories: string[]) =>
    random.weighted(catalogue.filter(one => categories.includes(one.category)).map(one => [one, one.appeal] as const));
  if (why === 'gift') {
    take(from('Gift sets'), random.chance(0.25) ? 2 : 1);
    if (random.chance(0.45)) take(from('Chocolate & treats'), random.whole(1, 3));
    if (random.chance(0.25)) take(from('Cups & mugs'));
  } else if (customer.habit === 'one order') {
    take(
      random.chance(0.6) ? customer.favourites[0] : from('Gift sets', 'Brewing gear', 'Cups & mugs', 'Green tea', 'Black tea'),
    );
    if (random.chance(0.4)) take(from('Chocolate & treats', 'Brewing gear'));
  } else {
    for (const [i, favourite] of customer.favourites.entries()) {
      if (i === 0 || random.chance(0.6))
        take(favourite, customer.habit === 'café' ? random.whole(4, 12) : random.chance(0.3) ? 2 : 1);
    }
    if (random.chance(0.22))
      take(from('Single origin coffee', 'Espresso & blends', 'Black tea', 'Green tea', 'Herbal & rooibos'));
    if (random.chance(0.25)) take(from('Chocolate & treats'));
    if (random.chance(0.12)) take(productBySku.get('GEA-FIL'));
    if (random.chance(0.05)) take(from('Brewing gear', 'Grinders', 'Cups & mugs'));
  }
  return [...chosen].map(([sku, quantity]) => {
    const product = productBySku.get(sku)!;
    return { sku, name: product.name, category: product.category, quantity, price: priceAt(world, product, at) };
  });
};

/** Coffee became dearer on one day. */
export const priceAt = (world: World, product: Product, at: Date): number => {
  const isCoffee = /^(COF|ESP|DEC)-/.test(product.sku);
  return isCoffee && at < world.priceRiseAt ? Math.round((product.price / priceRise) * 10) / 10 : product.price;
};
