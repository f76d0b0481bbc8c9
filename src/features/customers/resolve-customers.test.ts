import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { type Case, cases, parseKey } from './identity-cases.ts';
import { feature, ownersOf, type ResolveInput, resolveCustomers, takeTouched, touchConsumers, touchCustomers } from './index.ts';

const listener = defineFeature({
  name: 'listener',
  fills: fill(
    touchConsumers,
    { name: 'ear' },
    { name: 'tag-ear', wants: (changed: readonly string[]) => changed.includes('tags') },
  ),
});
const start = new Date('2025-01-01T00:00:00Z').getTime();
let house: Awaited<ReturnType<typeof startTestHouse>>;
let context: Context;

beforeAll(async () => {
  house = await startTestHouse({ features: [feature, listener] });
  context = house.context;
  await context.postgres`insert into platform.setting (key, value) values ('customers.own_domains', '["own-shop.test"]')`;
});
afterAll(() => house.close());
beforeEach(async () => {
  await context.postgres`truncate customers.customer, customers.owner, customers.identifier, customers.seen, customers.attribute, customers.merge, customers.suggestion, customers.touched, customers.quality_issue, customers.attribute_type, customers.blocked`;
});

const inputOf = (sighting: Case['sightings'][number], index: number): ResolveInput => ({
  identifiers: sighting.keys.map(parseKey),
  trust: sighting.trust ?? 'secret',
  at: new Date(start + (sighting.at ?? index) * 1000),
});

describe('identity rules in the database, one sighting at a time', () => {
  it.each(cases)('$rule', async one => {
    const origins: (number | null)[] = [];
    for (const [index, sighting] of one.sightings.entries())
      origins.push(...(await resolveCustomers(context, [inputOf(sighting, index)])));
    const owners = await ownersOf(
      context,
      origins.filter(id => id !== null),
    );
    const names = new Map<number, string>();
    const who = origins.map((origin, index) => {
      if (origin === null) return '-';
      const owner = owners.get(origin)!;
      if (!names.has(owner)) names.set(owner, one.sightings[index].who);
      return names.get(owner)!;
    });
    expect(who).toEqual(one.sightings.map(sighting => sighting.who));
    const suggestions = await context.postgres`
      select customers.owner_of(low_id) as low, customers.owner_of(high_id) as high from customers.suggestion`;
    expect(suggestions.map(row => [names.get(row.low)!, names.get(row.high)!].sort()).sort()).toEqual(
      (one.suggested ?? []).map(pair => [...pair].sort()).sort(),
    );
    const anonymous = await context.postgres`select id from customers.customer where not known and merged_into is null`;
    expect(anonymous.map(row => names.get(row.id)!).sort()).toEqual([...(one.anonymous ?? [])].sort());
  });
});

const person = (n: number, extra: Partial<ResolveInput> = {}): ResolveInput => ({
  identifiers: [
    { kind: 'shop_customer_id', source: 'uk', value: String(n) },
    { kind: 'email', source: '', value: `p${n}@x.test` },
  ],
  trust: 'secret',
  at: new Date(start),
  ...extra,
});

describe('in bulk', () => {
  it('resolves 5,000 inputs in one call, the same people the second time', async () => {
    const inputs = Array.from({ length: 5000 }, (_, i) =>
      person(i % 4339, { traits: { country: 'United Kingdom', name: `Person ${i % 4339}` } }),
    );
    const first = await resolveCustomers(context, inputs, { source: 'import:1', historical: true });
    const second = await resolveCustomers(context, inputs, { source: 'import:1', historical: true });
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(4339);
    const [{ people, named }] =
      await context.postgres`select count(*)::int as people, count(name)::int as named from customers.customer where known`;
    expect([people, named]).toEqual([4339, 4339]);
  });

  it('concurrent callers with the same people in different order agree and do not deadlock', async () => {
    const shuffled = (seed: number) => {
      const list = Array.from({ length: 400 }, (_, i) => i);
      for (let i = list.length - 1, x = seed; i > 0; i--) {
        x = (x * 48_271) % 2_147_483_647;
        const j = x % (i + 1);
        [list[i], list[j]] = [list[j], list[i]];
      }
      return list;
    };
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, caller) => {
        const order = shuffled(caller + 1);
        const ids = await resolveCustomers(
          context,
          order.map(n => person(n)),
        );
        return new Map(order.map((n, i) => [n, ids[i]]));
      }),
    );
    for (const answer of answers)
      expect(answer).toEqual(
        answers[0].size === answer.size ? new Map([...answer.keys()].map(n => [n, answers[0].get(n)])) : null,
      );
    const [{ people }] = await context.postgres`select count(*)::int as people from customers.customer`;
    expect(people).toBe(400);
  });

  it('concurrent logins that join visits to known customers neither deadlock nor lose one', async () => {
    const anonymous = (n: number): ResolveInput => ({
      identifiers: [{ kind: 'anonymous_id', source: 'web', value: `a${n}` }],
      trust: 'browser',
      at: new Date(start),
    });
    await resolveCustomers(
      context,
      Array.from({ length: 60 }, (_, n) => person(n)),
    );
    await resolveCustomers(
      context,
      Array.from({ length: 60 }, (_, n) => anonymous(n)),
    );
    await Promise.all(
      Array.from({ length: 6 }, (_, caller) =>
        resolveCustomers(
          context,
          Array.from({ length: 60 }, (_, i) => (i * 7 + caller * 13) % 60).map(n => ({
            ...person(n),
            identifiers: [...person(n).identifiers, ...anonymous(n).identifiers],
          })),
        ),
      ),
    );
    const [{ merged, known }] = await context.postgres`
      select count(*) filter (where merged_into is not null)::int as merged, count(*) filter (where known and merged_into is null)::int as known from customers.customer`;
    expect({ merged, known }).toEqual({ merged: 60, known: 60 });
  });

  it('keeps nothing of a call whose transaction fails', async () => {
    const { inTransaction } = await import('../../platform/postgres.ts');
    await expect(
      inTransaction(context, async inside => {
        await resolveCustomers(inside, [person(1)]);
        throw new Error('the caller failed');
      }),
    ).rejects.toThrow('the caller failed');
    const [{ count }] = await context.postgres`select count(*)::int as count from customers.identifier`;
    expect(count).toBe(0);
  });
});

describe('attributes', () => {
  const profile = async () =>
    (
      await context.postgres`select name, email, country, city from customers.customer where merged_into is null order by id limit 1`
    )[0];
  const say = (traits: Record<string, unknown>, at: number, options: { trust?: 'secret' | 'browser'; source?: string } = {}) =>
    resolveCustomers(context, [person(1, { traits, at: new Date(start + at), trust: options.trust ?? 'secret' })], {
      source: options.source ?? 'a',
    });

  it('the newest event time wins, whatever order they arrive in and whoever said it', async () => {
    await say({ city: 'Leeds' }, 3000, { source: 'a' });
    await say({ city: 'York' }, 1000, { source: 'b' });
    expect((await profile()).city).toBe('Leeds');
    await say({ city: 'Bath' }, 5000, { source: 'b' });
    expect((await profile()).city).toBe('Bath');
    await say({ city: 'Leeds' }, 6000, { source: 'a' });
    expect((await profile()).city).toBe('Leeds');
  });

  it('a browser does not overwrite a trusted value, however new', async () => {
    await say({ name: 'Ana' }, 1000);
    await say({ name: 'Mallory', city: 'Bath' }, 9000, { trust: 'browser' });
    expect(await profile()).toMatchObject({ name: 'Ana', city: 'Bath' });
  });

  it('the type that was seen first holds; what does not fit is kept as an issue', async () => {
    await say({ shoe_size: 42, vip: true, joined: '2020-01-31' }, 1000);
    await say({ shoe_size: 'large', vip: 'yes', joined: 'yesterday', email: 'not an address' }, 2000);
    await say({ shoe_size: '43' }, 3000);
    const types = await context.postgres`select code, type from customers.attribute_type order by code`;
    expect(types.map(row => [row.code, row.type])).toEqual([
      ['joined', 'date'],
      ['shoe_size', 'number'],
      ['vip', 'boolean'],
    ]);
    const issues = await context.postgres`select code, value, expected from customers.quality_issue order by code`;
    expect(issues.map(row => [row.code, row.value, row.expected])).toEqual([
      ['email', 'not an address', 'email'],
      ['joined', 'yesterday', 'date'],
      ['shoe_size', 'large', 'number'],
      ['vip', 'yes', 'boolean'],
    ]);
    const [{ value }] = await context.postgres`select value from customers.attribute where code = 'shoe_size'`;
    expect(value).toBe(43);
  });

  it('first and last name make a name; address parts find their place; NUL and control characters go', async () => {
    await say(
      {
        firstName: 'Ana',
        lastName: 'B\u0000ell',
        address: { city: 'Bath', country: 'gb', street: 'x' },
        nested: { a: { b: 'c' } },
      },
      1000,
    );
    expect(await profile()).toMatchObject({ name: 'Ana Bell', city: 'Bath', country: 'GB' });
    const codes = await context.postgres`select code from customers.attribute order by code`;
    expect(codes.map(row => row.code)).toContain('nested.a.b');
  });
});

describe('touched customers', () => {
  it('each consumer hears what it wants, once per customer, and takes it away', async () => {
    const ids = (await resolveCustomers(context, [person(1), person(2)])) as number[];
    await context.postgres`truncate customers.touched`;
    await touchCustomers(context, [ids[0], ids[1], ids[0]], ['Order Completed'], { historical: true });
    await touchCustomers(context, [ids[0]], ['tags'], { historical: false });
    expect(
      (await takeTouched(context, 'ear', 10)).map(({ customerId, changed, historical }) => ({ customerId, changed, historical })),
    ).toEqual([
      { customerId: ids[0], changed: ['Order Completed', 'tags'], historical: false },
      { customerId: ids[1], changed: ['Order Completed'], historical: true },
    ]);
    expect((await takeTouched(context, 'tag-ear', 10)).map(one => one.customerId)).toEqual([ids[0]]);
    expect(await takeTouched(context, 'ear', 10)).toEqual([]);
  });
});
