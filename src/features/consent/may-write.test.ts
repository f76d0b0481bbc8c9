/**
 * mayWrite against a naive reading of the statements that shares no code with it: random histories of wide and narrow answers, brands, pauses,
 * suppressions and merges. And: nobody may be written to after a merge who was protected before it as one of the two.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as customers, mergeCustomers, resolveCustomers, undoMerge } from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import type { Channel, ConsentState } from './consent.ts';
import { feature, mayWrite, recordConsents, recordSuppressions, type WriteAnswer } from './index.ts';

let house: TestHouse;
let context: Context;
let brands: string[] = [];
let round = 0;

beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, feature], now: '2026-02-01T00:00:00Z' });
  context = house.context;
  await context.postgres`insert into shops.brand (name, is_default, created_at) values ('Second', false, now())`;
  brands = (await context.postgres`select id from shops.brand order by is_default desc`).map(row => row.id as string);
});
afterAll(() => house.close());

const topics = ['', 'news', 'sales'] as const;
const channelsUsed: Channel[] = ['email', 'sms'];
const purposes = ['marketing', 'profiling', 'service', 'made_up'] as const;
/** 0 = every brand. */
const brandAt = (index: number): string | null => (index === 0 ? null : brands[index - 1]);

type Said = { topic: string; channel: Channel; purpose: string; brand: number; state: ConsentState; hour: number };
type History = { said: Said[]; suppressed: Channel[]; pauses: { hours: number; brand: number }[] };

const said: fc.Arbitrary<Said> = fc.record({
  topic: fc.constantFrom(...topics),
  channel: fc.constantFrom(...channelsUsed),
  purpose: fc.constantFrom(...purposes),
  brand: fc.nat({ max: 2 }),
  state: fc.constantFrom<ConsentState>('subscribed', 'subscribed', 'unsubscribed', 'pending'),
  hour: fc.nat({ max: 30 }),
});
const history: fc.Arbitrary<History> = fc.record({
  said: fc.array(said, { maxLength: 14 }),
  suppressed: fc.oneof(
    { weight: 5, arbitrary: fc.constant<never[]>([]) },
    { weight: 1, arbitrary: fc.subarray(channelsUsed, { minLength: 1 }) },
  ),
  pauses: fc.oneof(
    { weight: 4, arbitrary: fc.constant<never[]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ hours: fc.integer({ min: -50, max: 50 }), brand: fc.nat({ max: 2 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
    },
  ),
});

const hour = (n: number): Date => new Date(Date.UTC(2026, 0, 1, n));

const person = async (): Promise<number> => {
  const [id] = await resolveCustomers(context, [
    { identifiers: [{ kind: 'email', source: '', value: `m${++round}@x.test` }], trust: 'secret', at: house.clock.now() },
  ]);
  return id as number;
};

const tell = async (id: number, { said, suppressed, pauses }: History): Promise<void> => {
  for (const one of said)
    await recordConsents(
      context,
      [
        {
          originId: id,
          brandId: brandAt(one.brand),
          purpose: one.purpose,
          channel: one.channel,
          topic: one.topic,
          state: one.state,
          at: hour(one.hour),
        },
      ],
      { speaker: 'staff', source: 'test', historical: true },
    );
  await recordSuppressions(
    context,
    suppressed.map(channel => ({ originId: id, channel, class: 'manual' as const, at: hour(1) })),
    { source: 'test', historical: true },
  );
  for (const pause of pauses)
    await context.postgres`
      insert into consent.pause (origin_id, customer_id, brand_id, kind, until, at, source, by_whom)
      values (${id}, ${id}, ${brandAt(pause.brand)}, 'pause', ${new Date(house.clock.now().getTime() + pause.hours * 3_600_000)}, ${house.clock.now()}, 'test', 'test')`;
};

const questions = (id: number) =>
  purposes.flatMap(purpose =>
    channelsUsed.flatMap(channel =>
      [...topics, 'unheard-of'].flatMap(topic =>
        [0, 1].map(brand => ({ customerId: id, channel, topic, purpose, brandId: brands[brand] })),
      ),
    ),
  );

/** What the rows of the log say, read one statement at a time: newest per scope first (a later row of equal time only if stricter). */
const naive = async (id: number, ask: ReturnType<typeof questions>[number]): Promise<string> => {
  const log = await context.postgres`
    select * from consent.consent where customer_id = ${id} and channel = ${ask.channel} and purpose = ${ask.purpose} order by at, recorded_at, id`;
  const rank = (state: string) => ['subscribed', 'pending', 'unsubscribed'].indexOf(state);
  const scopes = new Map<string, { topic: string; brand: string | null; state: string; at: Date }>();
  for (const row of log) {
    if (row.topic !== '' && row.topic !== ask.topic) continue;
    if (row.brand_id !== null && row.brand_id !== ask.brandId) continue;
    const key = `${row.topic}/${row.brand_id}`;
    const before = scopes.get(key);
    if (before && before.at.getTime() === row.at.getTime() && rank(before.state) > rank(row.state)) continue;
    scopes.set(key, { topic: row.topic, brand: row.brand_id, state: row.state, at: row.at });
  }
  const [closed] =
    await context.postgres`select 1 from consent.suppression where customer_id = ${id} and channel = ${ask.channel} and released_at is null`;
  if (closed) return 'suppressed';
  if (ask.purpose === 'service') return 'may';
  const pauses = await context.postgres`select until, brand_id from consent.pause where customer_id = ${id}`;
  if (pauses.some(row => row.until > house.clock.now() && (row.brand_id === null || row.brand_id === ask.brandId)))
    return 'paused';
  let yes = false;
  const noes: { topic: string; state: string }[] = [];
  for (const one of scopes.values()) {
    if (one.state === 'subscribed') {
      yes = true;
      continue;
    }
    let lifted = false;
    for (const other of scopes.values()) {
      if (other.state !== 'subscribed' || other.at.getTime() <= one.at.getTime()) continue;
      const narrowerTopic = one.topic === '' || one.topic === other.topic;
      const narrowerBrand = one.brand === null || one.brand === other.brand;
      if (narrowerTopic && narrowerBrand) lifted = true;
    }
    if (!lifted) noes.push(one);
  }
  if (noes.some(one => one.state === 'unsubscribed' && one.topic === '')) return 'unsubscribed';
  if (noes.some(one => one.state === 'unsubscribed')) return 'topic_unsubscribed';
  if (noes.length > 0) return 'pending';
  // An objection is possible to profiling; everything else needs a yes, a purpose nobody has heard of too.
  return yes || ask.purpose === 'profiling' ? 'may' : 'never_asked';
};

const word = (answer: WriteAnswer): string => (answer.may ? 'may' : answer.reason);

describe('may we write', () => {
  it('answers as a naive reading of the log does', async () => {
    await fc.assert(
      fc.asyncProperty(history, async past => {
        const id = await person();
        await tell(id, past);
        const asked = questions(id);
        const answers = (await mayWrite(context, asked)).map(word);
        for (const [place, ask] of asked.entries()) expect(answers[place], JSON.stringify(ask)).toBe(await naive(id, ask));
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('is never more open after a merge than for either of the two, and as before when it is undone', async () => {
    await fc.assert(
      fc.asyncProperty(history, history, async (one, other) => {
        const [ana, ben] = [await person(), await person()];
        await tell(ana, one);
        await tell(ben, other);
        const before = [await mayWrite(context, questions(ana)), await mayWrite(context, questions(ben))].map(list =>
          list.map(word),
        );
        const { mergeId } = await mergeCustomers(context, { winnerId: ana, loserId: ben });
        const after = (await mayWrite(context, questions(ana))).map(word);
        const asBen = (await mayWrite(context, questions(ben))).map(word);
        expect(asBen).toEqual(after);
        for (const [place, ask] of questions(ana).entries()) {
          if (after[place] !== 'may') continue;
          for (const list of before)
            if (list[place] !== 'may') expect(list[place], `${JSON.stringify(ask)} was ${list[place]}`).toBe('never_asked');
        }
        await undoMerge(context, mergeId);
        expect(
          [await mayWrite(context, questions(ana)), await mayWrite(context, questions(ben))].map(list => list.map(word)),
        ).toEqual(before);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('answers for 5,000 people in one statement', async () => {
    const ids = (await resolveCustomers(
      context,
      Array.from({ length: 5000 }, (_, i) => ({
        identifiers: [{ kind: 'email' as const, source: '', value: `many${i}@x.test` }],
        trust: 'secret' as const,
        at: house.clock.now(),
      })),
    )) as number[];
    await recordConsents(
      context,
      ids.map((originId, i) => ({
        originId,
        channel: 'email' as const,
        state: i % 2 ? ('subscribed' as const) : ('unsubscribed' as const),
        at: hour(1),
      })),
      { speaker: 'import', source: 'test', historical: true },
    );
    const answers = await mayWrite(
      context,
      ids.map(customerId => ({ customerId, channel: 'email' as const, topic: 'news', purpose: 'marketing' })),
    );
    expect(answers.filter(one => one.may).length).toBe(2500);
  });

  it('says nobody for who is not there, and how seldom somebody wants to hear', async () => {
    const id = await person();
    await tell(id, {
      said: [{ topic: '', channel: 'email', purpose: 'marketing', brand: 0, state: 'subscribed', hour: 1 }],
      suppressed: [],
      pauses: [],
    });
    await context.postgres`
      insert into consent.pause (origin_id, customer_id, kind, gap_days, at, source, by_whom) values (${id}, ${id}, 'less_often', 30, now(), 'test', 'test')`;
    const ask = { channel: 'email' as const, purpose: 'marketing' };
    expect(
      await mayWrite(context, [
        { customerId: id, ...ask },
        { customerId: 4_000_000_000, ...ask },
        { customerId: id, ...ask, purpose: 'service' },
      ]),
    ).toEqual([
      { may: true, leastGapDays: 30 },
      { may: false, reason: 'nobody' },
      { may: true, leastGapDays: null },
    ]);
  });
});
