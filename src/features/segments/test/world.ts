/** Random shops for the property tests: customers, merges, events, orders and facts on both sides of every edge that matters. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { Person, PersonEvent, PersonLine, PersonPurchase } from '../condition.ts';
import type { Condition, Definition } from '../definition.ts';
import type { FactValue, KnownFact, Vocabulary } from '../vocabulary.ts';

export const zones = ['Europe/London', 'America/New_York', 'Asia/Kolkata', 'America/Sao_Paulo', 'Pacific/Apia'] as const;
export const shopIds = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'] as const;
const eventNames = ['Product Viewed', 'Order Completed', "it's; drop table event --"];
/** Texts that break careless quoting, case folding or sorting. */
const words = ['red', 'Red', 'rED wine', 'Ärger', 'ärger', "o'neil", '{p1:String}', '\\', '%', 'İstanbul', 'ΣΊΣΥΦΟΣ', '', '日本'];
const givenWords = words.filter(word => word !== '');
const skus = ['85123A', '22423', 'POST', "x'y"];
const categories = ['lights', 'Kitchen'];

const fact = (code: string, type: KnownFact['type'], more: Partial<KnownFact> = {}): KnownFact => ({
  code,
  label: `test.${code}`,
  type,
  group: null,
  asOf: 'exact',
  changedBy: ['attributes'],
  ...more,
});
export const testFacts: readonly KnownFact[] = [
  fact('test.number', 'number'),
  fact('test.money', 'money', { group: 'money' }),
  fact('test.text', 'text'),
  fact('test.choice', 'choice', { choices: ['bronze', 'silver', 'gold'] }),
  fact('consent.email', 'choice', { choices: ['subscribed', 'unsubscribed', 'suppressed'] }),
  fact('test.boolean', 'boolean'),
  fact('test.date', 'date'),
  fact('test.set', 'set'),
  // A fact with its own SQL, over the same rows.
  fact('test.own', 'number', {
    clickhouse: time => ({
      // Like a fact that is told apart by shop: nobody is left when there are shops to look at.
      sql: `select customer_id, number as value from fact final where code = 'test.number' and isNotNull(number) and toDateTime64(0, 3, 'UTC') < ${time.end} ${time.shops === undefined ? '' : `and length(${time.shops}) > 99`}`,
      params: time.params,
    }),
  }),
];

export type World = {
  zone: string;
  /** The day looked at. */
  asOf: string;
  customers: { id: number; known: boolean; shopper: boolean }[];
  /** origin -> owner */
  owners: Map<number, number>;
  events: {
    originId: number;
    name: string;
    time: number;
    shopId: string;
    text: Record<string, string>;
    number: Record<string, number>;
  }[];
  purchases: (PersonPurchase & { originId: number })[];
  lines: (PersonLine & { originId: number })[];
  facts: { code: string; customerId: number; value: FactValue }[];
};

export const testVocabulary = (segments: Vocabulary['segments'] = new Map()): Vocabulary => ({
  facts: new Map(testFacts.map(one => [one.code, one])),
  segments,
  ownShops: null,
  shops: new Map(shopIds.map((id, i) => [id, `Shop ${i + 1}`])),
  wellKnown: { tags: 'test.set', identifiers: 'test.set' },
  currency: 'GBP',
});

// ---- arbitraries ------------------------------------------------------------------------------------------------

/** Days around both changes of the clocks, a leap day and a month's end. */
export const centres = [
  '2024-03-31',
  '2024-10-27',
  '2024-02-29',
  '2024-03-10',
  '2024-11-03',
  '2023-02-28',
  '2023-12-31',
] as const;
const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
const dayMs = 86_400_000;

/** The days on which the spans below begin and end, so that values fall on the edges all the time. */
const edgesOf = (asOf: string): string[] => {
  const day = Temporal.PlainDate.from(asOf);
  const shifted = [0, 1, -1, -2, -7, -14, -30, -60, 7, 30, 60].map(days => day.add({ days }));
  return [...shifted, ...[1, 6, 12].map(months => day.subtract({ months }))].map(String);
};
const daysNear = (asOf: string) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...edgesOf(asOf)) },
    { weight: 1, arbitrary: fc.integer({ min: -400, max: 40 }).map(days => dayText(Date.parse(asOf) + days * dayMs)) },
  );
/** Birthdays on the edges of "in the next 7 days", and the one that most years do not have. */
const birthdays = (asOf: string) =>
  fc.oneof(
    fc.constantFrom(...edgesOf(asOf).filter(day => !day.endsWith('02-29'))).map(day => `1990${day.slice(4)}`),
    fc.constantFrom('2000-02-29', '1999-02-28', '1980-03-01'),
  );

/** Instants from 400 days before the day looked at to 3 days after it, most of them within a millisecond of a day's beginning or of an hour's. */
const instants = (asOf: string, zone: string) => {
  const starts = edgesOf(asOf).map(day => Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds);
  const end = Temporal.PlainDate.from(asOf).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const hours = [0, 1, 24, 48, 240].map(count => end - count * 3_600_000);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...starts, ...hours), fc.constantFrom(-1, 0, 1, 4_000_000))
        .map(([start, offset]) => start + offset),
    },
    { weight: 1, arbitrary: fc.integer({ min: end - 400 * dayMs, max: end + 3 * dayMs }) },
  );
};

const propertiesOf = fc.record({
  colour: fc.option(fc.constantFrom(...words), { nil: undefined }),
  price: fc.option(fc.constantFrom(0, 1, 2.5, 10, -3), { nil: undefined }),
  "it's": fc.option(fc.constantFrom('true', 'false'), { nil: undefined }),
});

const onlyOf = (properties: object, type: 'string' | 'number') =>
  Object.fromEntries(Object.entries(properties).filter(entry => typeof entry[1] === type));

/** The percentage at which this customer is just outside. */
const borderOf = (salt: string, customerId: number): number =>
  Math.max(0.01, (createHash('md5').update(`${salt}:${customerId}`).digest().readUInt32LE(0) % 10_000) / 100);

const pick = fc.nat({ max: 11 }).map(n => n + 1);
const smallNumber = fc.constantFrom(0, 1, 2, 3, 2.5, 10, -3);

export const worldAt = (zone: string, asOf: string): fc.Arbitrary<World> => {
  const order = fc.record({
    origin: pick,
    time: instants(asOf, zone),
    shop: fc.constantFrom(...shopIds),
    discount: fc.constantFrom(0, 0, 500),
    id: fc.uuid(),
    lines: fc.array(
      fc.record({
        sku: fc.constantFrom(...skus),
        category: fc.constantFrom(...categories, ''),
        kind: fc.constantFrom('product', 'product', 'product', 'shipping'),
        quantity: fc.constantFrom(1, 2, 0.1, 0.2, 0),
        amount: fc.constantFrom(0, 100, 250, 1000),
        discounted: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
    returned: fc.option(
      fc.record({
        time: instants(asOf, zone),
        sku: fc.constantFrom(...skus),
        quantity: fc.constantFrom(1, 2),
        amount: fc.constantFrom(0, 100, 250),
      }),
      { nil: null },
    ),
  });
  return fc
    .record({
      known: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      notShopper: fc.nat({ max: 14 }),
      merges: fc.array(fc.tuple(fc.integer({ min: 9, max: 12 }), fc.integer({ min: 1, max: 8 })), { maxLength: 3 }),
      events: fc.array(
        fc.record({
          origin: pick,
          name: fc.constantFrom(...eventNames),
          time: instants(asOf, zone),
          shop: fc.constantFrom(...shopIds),
          properties: propertiesOf,
        }),
        { minLength: 10, maxLength: 70 },
      ),
      orders: fc.array(order, { minLength: 5, maxLength: 30 }),
      numbers: fc.array(fc.tuple(pick, smallNumber), { maxLength: 12 }),
      amounts: fc.array(fc.tuple(pick, fc.constantFrom(0, 100, 250, -100)), { maxLength: 12 }),
      texts: fc.array(fc.tuple(pick, fc.constantFrom(...words)), { minLength: 8, maxLength: 20 }),
      choices: fc.array(fc.tuple(pick, fc.constantFrom('bronze', 'silver', 'gold')), { maxLength: 12 }),
      consents: fc.array(fc.tuple(pick, consentState), { maxLength: 12 }),
      booleans: fc.array(fc.tuple(pick, fc.boolean()), { maxLength: 12 }),
      dates: fc.array(fc.tuple(pick, fc.oneof(daysNear(asOf), birthdays(asOf))), {
        maxLength: 12,
      }),
      sets: fc.array(fc.tuple(pick, fc.subarray(givenWords.slice(0, 5))), { maxLength: 12 }),
    })
    .map(drawn => {
      const owners = new Map(drawn.merges);
      const owned = (code: string, rows: readonly (readonly [number, FactValue])[]) =>
        [...new Map(rows.map(([id, value]) => [owners.get(id) ?? id, value]))].map(([customerId, value]) => ({
          code,
          customerId,
          value,
        }));
      const numbers = owned('test.number', drawn.numbers);
      return {
        zone,
        asOf,
        owners,
        customers: drawn.known
          .map((known, i) => ({ id: i + 1, known, shopper: i !== drawn.notShopper }))
          .filter(customer => !owners.has(customer.id)),
        events: drawn.events.map(({ origin, name, time, shop, properties }) => ({
          originId: origin,
          name,
          time,
          shopId: shop,
          text: onlyOf(properties, 'string') as Record<string, string>,
          number: onlyOf(properties, 'number') as Record<string, number>,
        })),
        purchases: drawn.orders.map(one => ({
          originId: one.origin,
          orderId: one.id,
          shopId: one.shop,
          time: one.time,
          discountMinor: one.discount,
          salesMinor: one.lines.filter(line => line.kind === 'product').reduce((sum, line) => sum + line.amount, 0),
        })),
        lines: drawn.orders.flatMap(one => [
          ...one.lines.map(line => ({
            originId: one.origin,
            orderId: one.id,
            shopId: one.shop,
            time: one.time,
            sku: line.sku,
            category: line.category,
            kind: line.kind,
            quantity: line.quantity,
            amountMinor: line.amount,
            discounted: line.discounted,
          })),
          ...(one.returned
            ? [
                {
                  originId: one.origin,
                  orderId: one.id,
                  shopId: one.shop,
                  time: Math.max(one.time, one.returned.time),
                  sku: one.returned.sku,
                  category: '',
                  kind: 'return',
                  quantity: -one.returned.quantity,
                  amountMinor: -one.returned.amount,
                  discounted: false,
                },
              ]
            : []),
        ]),
        facts: [
          ...numbers,
          ...owned('test.money', drawn.amounts),
          ...owned('test.text', drawn.texts),
          ...owned('test.choice', drawn.choices),
          ...owned('consent.email', drawn.consents),
          ...owned('test.boolean', drawn.booleans),
          ...owned('test.date', drawn.dates),
          ...owned('test.set', drawn.sets),
        ],
      };
    });
};

export const worlds: fc.Arbitrary<World> = fc
  .tuple(fc.constantFrom(...zones), fc.constantFrom(...centres))
  .chain(([zone, asOf]) => worldAt(zone, asOf));

// ---- definitions ------------------------------------------------------------------------------------------------

const spans = fc.oneof(
  fc.constantFrom(1, 2, 7, 30).map(days => ({ days })),
  fc.constantFrom(1, 2).map(weeks => ({ weeks })),
  fc.constantFrom(1, 6, 12).map(months => ({ months })),
);
const hours = fc.constantFrom(1, 24, 48, 240).map(count => ({ hours: count }));
const windows = (asOf: string): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constant({}),
    fc.oneof(spans, hours).map(within => ({ within })),
    fc.oneof(spans, hours, daysNear(asOf)).map(before => ({ before })),
    daysNear(asOf).map(since => ({ since })),
    fc.tuple(daysNear(asOf), daysNear(asOf)).map(([a, b]) => ({ between: a <= b ? [a, b] : [b, a] })),
  );
const someWindow = (asOf: string) => windows(asOf).filter(window => Object.keys(window).length > 0);
const counts = fc.oneof(
  fc.constant({}),
  fc.constantFrom(1, 2, 3).map(n => ({ count: { at_least: n } })),
  fc.constantFrom(0, 1, 2).map(n => ({ count: { at_most: n } })),
  fc.constantFrom(0, 1, 2).map(n => ({ count: { exactly: n } })),
);
const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: value.map(one => ({ [name]: one })) });
const oneOf = (code: string, value: fc.Arbitrary<unknown>) => value.map(one => ({ [code]: one }));
const word = fc.constantFrom(...givenWords);
const wordParts = fc.constantFrom('r', 'RED', 'ä', "'", 'σ', 'i', '\\', '%', 'e');
const wordList = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const pair = fc.tuple(smallNumber, smallNumber).map(([a, b]) => (a <= b ? [a, b] : [b, a]));
const textComparisons = fc.oneof(
  oneOf('is', word),
  oneOf('is_not', word),
  oneOf('in', wordList),
  oneOf('not_in', wordList),
  oneOf('contains', wordParts),
  oneOf('not_contains', wordParts),
  oneOf('starts_with', wordParts),
  oneOf('set', fc.boolean()),
);
const numberComparisons = (value: fc.Arbitrary<unknown>, range: fc.Arbitrary<unknown>) =>
  fc.oneof(
    ...['is', 'is_not', 'at_least', 'at_most', 'more_than', 'less_than'].map(code => oneOf(code, value)),
    oneOf('between', range),
    oneOf('set', fc.boolean()),
  );
const moneyAmount = fc.constantFrom(0, 100, 250, 500, 1000).map(amount_minor => ({ amount_minor }));
const moneyPair = fc
  .tuple(fc.constantFrom(-100, 0, 100), fc.constantFrom(100, 250))
  .map(([a, b]) => [{ amount_minor: a }, { amount_minor: b }]);
const consentState = fc.constantFrom('subscribed', 'unsubscribed', 'suppressed');
const tier = fc.constantFrom('bronze', 'silver', 'gold');

const factConditions = (asOf: string): fc.Arbitrary<Condition> => {
  const on = (code: string, comparison: fc.Arbitrary<object>) => comparison.map(one => ({ fact: code, ...one }));
  const day = daysNear(asOf);
  const anniversary = fc
    .tuple(fc.constantFrom('next', 'last'), fc.constantFrom(0, 1, 7, 60))
    .map(([way, days]) => ({ [way]: days }));
  return fc.oneof(
    on('test.number', numberComparisons(smallNumber, pair)),
    on('test.own', numberComparisons(smallNumber, pair)),
    on('test.money', numberComparisons(moneyAmount, moneyPair)),
    on('test.text', textComparisons),
    on(
      'test.choice',
      fc.oneof(
        oneOf('is', tier),
        oneOf('is_not', tier),
        oneOf('in', fc.uniqueArray(tier, { minLength: 1 })),
        oneOf('not_in', fc.uniqueArray(tier, { minLength: 1 })),
        oneOf('at_least', tier),
        oneOf('at_most', tier),
      ),
    ),
    on('test.boolean', fc.oneof(oneOf('is', fc.boolean()), oneOf('set', fc.boolean()))),
    on(
      'test.date',
      fc.oneof(
        oneOf('is', day),
        oneOf('is_not', day),
        oneOf('within', spans),
        oneOf(
          'within_next',
          fc.constantFrom(0, 1, 7, 30).map(days => ({ days })),
        ),
        oneOf('before', fc.oneof(day, spans)),
        oneOf('after', day),
        oneOf(
          'between',
          fc.tuple(day, day).map(([a, b]) => (a <= b ? [a, b] : [b, a])),
        ),
        oneOf('anniversary', anniversary),
        oneOf('set', fc.boolean()),
      ),
    ),
    on(
      'test.set',
      fc.oneof(oneOf('has_any', wordList), oneOf('has_all', wordList), oneOf('has_none', wordList), oneOf('set', fc.boolean())),
    ),
    fc.constantFrom('tag', 'identifier').chain(key => oneOf(key, wordList)),
    fc.tuple(fc.constant({ consent: 'email' }), maybe('state', consentState)).map(parts => Object.assign({}, ...parts)),
  );
};

/** Comparisons on the very edges, where a flipped sign shows and chance would seldom go. */
export const corners = (asOf: string): Condition[] =>
  [
    ...edgesOf(asOf).flatMap(day => [{ before: day }, { after: day }, { between: [day, day] }]),
    ...[1, 2, 7, 30].map(days => ({ within: { days } })),
    ...[0, 7, 30].map(days => ({ within_next: { days } })),
    ...[0, 1, 7, 60].flatMap(days => [{ anniversary: { next: days } }, { anniversary: { last: days } }]),
  ]
    .map((comparison): Condition => ({ fact: 'test.date', ...comparison }))
    .concat(
      ['r', 'ä', 'RED'].map(starts_with => ({ fact: 'test.text', starts_with })),
      eventNames.flatMap(did => ['first', 'last'].map(which => ({ did, which, within: { days: 30 } }))),
      ['first', 'last'].flatMap(orders => [
        { orders, within: { days: 30 } },
        { orders, within: { days: 30 }, products: ['A'] },
      ]),
    );

/** An order within the month, and one at the first instant that no longer belongs to the day. */
const atEnd = (end: number) =>
  [end, end - 2 * dayMs].map((time, i) => ({
    originId: 1,
    orderId: `00000000-0000-4000-9000-00000000000${i}`,
    shopId: shopIds[0],
    time,
  }));

/** The world with somebody on every edge: dates, a leap day's child, an event at the very end of the day. */
export const withEdges = (world: World): World => {
  const day = Temporal.PlainDate.from(world.asOf);
  const end = day.add({ days: 1 }).toZonedDateTime(world.zone).epochMilliseconds;
  const dates = [0, 1, 7, 30, -7, -30].map(days => day.add({ days }).toString()).concat('2000-02-29', '1990-03-31');
  return {
    ...world,
    customers: world.customers.map(customer => (customer.id <= 8 ? { ...customer, known: true, shopper: true } : customer)),
    facts: [
      ...world.facts.filter(one => one.code !== 'test.date' || one.customerId > 8),
      ...dates.map((value, i) => ({ code: 'test.date', customerId: i + 1, value })),
    ],
    purchases: [...world.purchases, ...atEnd(end).map(one => ({ ...one, salesMinor: 0, discountMinor: 0 }))],
    lines: [
      ...world.lines,
      ...atEnd(end).map(one => ({
        ...one,
        sku: 'A',
        category: '',
        kind: 'product',
        quantity: 1,
        amountMinor: 0,
        discounted: false,
      })),
    ],
    events: [
      ...world.events,
      ...[1, 2].map(originId => ({ originId, name: eventNames[originId], time: end, shopId: shopIds[0], text: {}, number: {} })),
    ],
  };
};

const eventConditions = (asOf: string): fc.Arbitrary<Condition> => {
  const filter = fc.oneof(
    textComparisons.map(one => ({ property: 'colour', ...one })),
    fc
      .oneof(
        ...['is', 'is_not', 'at_least', 'at_most', 'more_than', 'less_than'].map(code => oneOf(code, smallNumber)),
        oneOf('between', pair),
      )
      .map(one => ({ property: 'price', ...one })),
    fc.boolean().map(is => ({ property: "it's", is })),
  );
  const common = [
    fc.constantFrom(...eventNames).map(did => ({ did })),
    maybe('where', fc.array(filter, { minLength: 1, maxLength: 2 })),
    maybe('shops', fc.subarray([...shopIds], { minLength: 1 })),
  ] as const;
  const counted = fc.tuple(...common, counts, windows(asOf));
  const extreme = fc.tuple(
    ...common,
    fc.constantFrom('first', 'last').map(which => ({ which })),
    someWindow(asOf),
  );
  return fc.oneof({ weight: 3, arbitrary: counted }, { weight: 1, arbitrary: extreme }).map(parts => Object.assign({}, ...parts));
};

const orderConditions = (asOf: string): fc.Arbitrary<Condition> => {
  const scope = [
    maybe('products', fc.uniqueArray(fc.constantFrom(...skus), { minLength: 1 })),
    maybe('categories', fc.uniqueArray(fc.constantFrom(...categories), { minLength: 1 })),
    maybe('shops', fc.subarray([...shopIds], { minLength: 1 })),
  ] as const;
  const compare = (values: fc.Arbitrary<unknown>) =>
    fc
      .tuple(fc.constantFrom('is', 'at_least', 'at_most', 'more_than', 'less_than'), values)
      .map(([code, value]) => ({ [code]: value }));
  const total = (measure: string, values: fc.Arbitrary<unknown>) =>
    fc.tuple(fc.constant({ orders: measure }), compare(values), windows(asOf), ...scope);
  const dated = fc.tuple(
    fc.constantFrom('first', 'last').map(orders => ({ orders })),
    fc.constant({}),
    someWindow(asOf),
    ...scope,
  );
  const share = fc.constantFrom(0, 25, 50, 100);
  const bought = fc.tuple(
    fc
      .tuple(fc.constantFrom('any', 'all'), fc.uniqueArray(fc.constantFrom(...skus), { minLength: 1, maxLength: 2 }))
      .map(([way, list]) => ({ bought: { [way]: list } })),
    maybe('but_not', fc.uniqueArray(fc.constantFrom(...skus), { minLength: 1, maxLength: 2 })),
    windows(asOf),
    maybe('shops', fc.subarray([...shopIds], { minLength: 1 })),
  );
  const byCategory = fc
    .uniqueArray(fc.constantFrom(...categories), { minLength: 1 })
    .map(list => [{ bought: { all: list }, by: 'category' }]);
  return fc
    .oneof(
      total('count', fc.constantFrom(0, 1, 2, 3)),
      total('sales', moneyAmount),
      total('average', moneyAmount),
      total('items', fc.constantFrom(0, 0.3, 1, 2)),
      total('discounted_share', share),
      total('refund_share', share),
      dated,
      bought,
      byCategory,
    )
    .map(parts => Object.assign({}, ...(parts as object[])));
};

export const conditions = (asOf: string): fc.Arbitrary<Condition> =>
  fc.oneof(
    { weight: 4, arbitrary: factConditions(asOf) },
    { weight: 4, arbitrary: eventConditions(asOf) },
    { weight: 4, arbitrary: orderConditions(asOf) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.oneof(fc.constantFrom(0.01, 10, 50, 99.99, 100), pick), word, fc.boolean())
        .map(([percent, salt, exact]) => ({
          share: { percent: exact ? borderOf(salt, Math.ceil(percent / 10)) : percent, salt },
        })),
    },
  );

/** Trees up to four groups deep; `segments` are ids that may be referred to. */
export const definitions = (asOf: string, segments: readonly string[] = []): fc.Arbitrary<Definition> => {
  const leaf: fc.Arbitrary<Definition> =
    segments.length > 0
      ? fc.oneof(
          { weight: 6, arbitrary: conditions(asOf) },
          { weight: 1, arbitrary: fc.constantFrom(...segments).map(id => ({ in_segment: id })) },
        )
      : conditions(asOf);
  return fc.letrec<{ node: Definition }>(tie => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { minLength: 0, maxLength: 3 }).map(all => ({ all })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map(any => ({ any })),
      tie('node').map(not => ({ not })),
    ),
  })).node;
};

// ---- the two shapes the compilers read --------------------------------------------------------------------------

/** What one scoped read of PostgreSQL would give for everybody. */
export const peopleOf = (world: World): Person[] => {
  const owner = (id: number) => world.owners.get(id) ?? id;
  return world.customers.map(customer => {
    const mine = <T extends { originId: number }>(rows: readonly T[]) => rows.filter(row => owner(row.originId) === customer.id);
    const events = new Map<string, PersonEvent[]>();
    for (const event of mine(world.events)) events.set(event.name, [...(events.get(event.name) ?? []), event]);
    const facts = new Map(world.facts.filter(one => one.customerId === customer.id).map(one => [one.code, one.value]));
    const own = facts.get('test.number');
    if (own !== undefined) facts.set('test.own', own);
    return {
      id: customer.id,
      counts: customer.known && customer.shopper,
      events,
      purchases: mine(world.purchases),
      lines: mine(world.lines),
      facts,
    };
  });
};
