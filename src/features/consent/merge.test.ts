/** Merge and undo over everything that customers and consent keep; here because consent is the later of the two. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import {
  feature as customers,
  type Identifier,
  mergeCustomers,
  ownersOf,
  resolveCustomers,
  undoMerge,
} from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature, recordConsents, recordSuppressions } from './index.ts';

let house: Awaited<ReturnType<typeof startTestHouse>>;
let context: Context;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, feature] });
  context = house.context;
});
afterAll(() => house.close());

const people = 5;
type Step =
  | { do: 'visit'; who: number; key: number; city: string; at: number }
  | { do: 'tag'; who: number; tag: string }
  | { do: 'note'; who: number }
  | { do: 'consent'; who: number; state: 'subscribed' | 'unsubscribed'; at: number }
  | { do: 'suppress'; who: number }
  | { do: 'merge'; winner: number; loser: number }
  | { do: 'undo'; which: number };

const who = fc.nat({ max: people - 1 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('visit' as const),
      who,
      key: fc.nat({ max: 2 }),
      city: fc.constantFrom('Bath', 'York', 'Leeds'),
      at: fc.nat({ max: 1000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tag' as const), who, tag: fc.constantFrom('vip', 'late') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('note' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('consent' as const),
      who,
      state: fc.constantFrom('subscribed' as const, 'unsubscribed' as const),
      at: fc.nat({ max: 1000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('suppress' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('merge' as const), winner: who, loser: who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat({ max: 20 }) }) },
);

/** Each person has three keys of their own; a visit may come with any of them. */
const keyOf = (person: number, key: number): Identifier =>
  [
    { kind: 'email' as const, source: '', value: `p${person}@x.test` },
    { kind: 'shop_customer_id' as const, source: 'uk', value: `1${person}` },
    { kind: 'anonymous_id' as const, source: 'web', value: `a${person}` },
  ][key];

const reset = async (): Promise<number[]> => {
  await context.postgres`
    truncate customers.customer, customers.owner, customers.identifier, customers.seen, customers.attribute, customers.merge, customers.suggestion, customers.touched, customers.tag,
      customers.note, consent.consent, consent.current, consent.suppression`;
  await context.postgres`alter sequence customers.customer_id restart`;
  house.clock.set('2026-01-01T00:00:00Z');
  const at = house.clock.now();
  return (await resolveCustomers(
    context,
    Array.from({ length: people }, (_, n) => ({
      identifiers: [0, 1, 2].map(key => keyOf(n, key)),
      trust: 'secret' as const,
      at,
    })),
  )) as number[];
};

const play = async (steps: readonly Step[], ids: readonly number[]): Promise<string[]> => {
  const alive: string[] = [];
  for (const step of steps) {
    house.clock.advance(1000);
    await playOne(step, ids, alive);
  }
  return alive;
};

const playOne = async (step: Step, ids: readonly number[], alive: string[]): Promise<void> => {
  const sql = context.postgres;
  const now = house.clock.now();
  const moment = (n: number) => new Date(Date.UTC(2025, 0, 1) + n * 60_000);
  if (step.do === 'visit') {
    const [origin] = await resolveCustomers(
      context,
      [{ identifiers: [keyOf(step.who, step.key)], trust: 'secret', at: moment(step.at), traits: { city: step.city } }],
      { source: 'web' },
    );
    expect(origin).toBe(ids[step.who]);
  } else if (step.do === 'tag') {
    await sql`insert into customers.tag (origin_id, tag, customer_id, at, by_whom) values (${ids[step.who]}, ${step.tag}, customers.owner_of(${ids[step.who]}), ${now}, 'x') on conflict do nothing`;
  } else if (step.do === 'note') {
    await sql`insert into customers.note (origin_id, customer_id, text, at, by_whom) values (${ids[step.who]}, customers.owner_of(${ids[step.who]}), 'n', ${now}, 'x')`;
  } else if (step.do === 'consent') {
    await recordConsents(context, [{ originId: ids[step.who], channel: 'email', state: step.state, at: moment(step.at) }], {
      speaker: 'person',
      source: 'x',
    });
  } else if (step.do === 'suppress') {
    await recordSuppressions(context, [{ originId: ids[step.who], channel: 'email', class: 'manual', at: now }], { source: 'x' });
  } else if (step.do === 'merge') {
    const owners = await ownersOf(context, [ids[step.winner], ids[step.loser]]);
    const [winnerId, loserId] = [owners.get(ids[step.winner])!, owners.get(ids[step.loser])!];
    if (winnerId !== loserId) alive.push((await mergeCustomers(context, { winnerId, loserId })).mergeId);
  } else if (alive.length > 0) {
    const [mergeId] = alive.splice(step.which % alive.length, 1);
    await undoMerge(context, mergeId);
  }
};

/** Everything that is kept about everybody, without ids that are random and counters that only grow. */
const snapshot = async () => {
  const sql = context.postgres;
  return {
    customer:
      await sql`select id, known, known_since, merged_into, name, email, city, first_seen_at from customers.customer order by id`,
    owner: await sql`select * from customers.owner order by 1`,
    identifier:
      await sql`select kind, source, value, origin_id, customer_id, trust, shared, rivals from customers.identifier order by 1, 2, 3`,
    seen: await sql`select * from customers.seen order by 1`,
    attribute: await sql`select * from customers.attribute order by 1, 2, 3`,
    tag: await sql`select * from customers.tag order by 1, 2`,
    note: await sql`select origin_id, customer_id, at from customers.note order by 1, 3`,
    consent:
      await sql`select origin_id, customer_id, state, at, recorded_at from consent.consent order by recorded_at, origin_id`,
    current: await sql`select customer_id, channel, state, since from consent.current order by 1, 2`,
    suppression: await sql`select origin_id, customer_id, at from consent.suppression order by 1, 3`,
  };
};

describe('merge and undo', () => {
  const seed = 41_077;

  it(`a merge and its undo leave everything as it was, whatever happened before (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 20 }), who, who, async (steps, a, b) => {
        const ids = await reset();
        await play(steps, ids);
        const before = await snapshot();
        const alive: string[] = [];
        await playOne({ do: 'merge', winner: a, loser: b }, ids, alive);
        if (alive.length > 0) expect(await snapshot()).not.toEqual(before);
        for (const mergeId of alive) await undoMerge(context, mergeId);
        expect(await snapshot()).toEqual(before);
      }),
      { seed, numRuns: 15 },
    );
  }, 120_000);

  it(`merges that are all undone, in any order, leave what the same history without them leaves (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArbitrary, { maxLength: 25 }),
        fc.array(fc.nat({ max: 20 }), { minLength: 25, maxLength: 25 }),
        async (steps, order) => {
          const ids = await reset();
          const alive = await play(steps, ids);
          for (const which of order) if (alive.length > 0) await playOne({ do: 'undo', which }, ids, alive);
          const withMerges = await snapshot();
          const same = await reset();
          await play(
            steps.map(step => (step.do === 'merge' || step.do === 'undo' ? ({ do: 'undo', which: 0 } as const) : step)),
            same,
          );
          expect(withMerges).toEqual(await snapshot());
        },
      ),
      { seed, numRuns: 15 },
    );
  }, 120_000);

  it('refuses nonsense and keeps the two apart after an undo', async () => {
    const [a, b, c] = await reset();
    await expect(mergeCustomers(context, { winnerId: a, loserId: a })).rejects.toThrow('merged with themselves');
    await expect(mergeCustomers(context, { winnerId: a, loserId: 999_999 })).rejects.toThrow('does not exist');
    const { mergeId } = await mergeCustomers(context, { winnerId: a, loserId: b });
    await expect(mergeCustomers(context, { winnerId: c, loserId: b })).rejects.toThrow('already part of another customer');
    await undoMerge(context, mergeId);
    await expect(undoMerge(context, mergeId)).rejects.toThrow('already undone');
    // Now a trusted source names both in one breath: they stay two.
    await resolveCustomers(context, [
      { identifiers: [keyOf(0, 0), { kind: 'user_id', source: 's', value: '1' }], trust: 'secret', at: new Date() },
    ]);
    await resolveCustomers(context, [
      { identifiers: [keyOf(1, 0), { kind: 'user_id', source: 's', value: '1' }], trust: 'secret', at: new Date() },
    ]);
    const [{ merged }] =
      await context.postgres`select count(*)::int as merged from customers.customer where merged_into is not null`;
    expect(merged).toBe(0);
  });
});
