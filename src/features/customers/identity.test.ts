import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseEmail, normaliseIdentifier, normalisePhone } from './identifier.ts';
import { decide, type Plan, type Sighting, type World, winnerOf } from './identity.ts';
import { type Case, cases, parseKey } from './identity-cases.ts';

const own = new Set(['own-shop.test']);
const sightingsOf = (one: Case): Sighting[] =>
  one.sightings.map((sighting, index) => ({
    identifiers: sighting.keys.map(parseKey).flatMap(key => normaliseIdentifier(key, own) ?? []),
    trust: sighting.trust ?? 'secret',
    at_ms: sighting.at ?? index,
  }));
const emptyWorld = (): World => ({ people: new Map(), links: new Map(), owners: new Map(), apart: new Set() });

/** Owner per sighting at the end, as the names of the table: the first sighting of a person gives the name. */
const readBack = (one: Case, world: World, plan: Plan): { who: string[]; nameOf: (id: number) => string } => {
  const names = new Map<number, string>();
  const who = plan.origins.map((origin, index) => {
    if (origin === null) return '-';
    const owner = world.owners.get(origin) ?? origin;
    if (!names.has(owner)) names.set(owner, one.sightings[index].who);
    return names.get(owner)!;
  });
  return { who, nameOf: id => names.get(world.owners.get(id) ?? id) ?? '?' };
};

describe('identity rules', () => {
  it.each(cases)('$rule', one => {
    const world = emptyWorld();
    const plan = decide(world, sightingsOf(one));
    const { who, nameOf } = readBack(one, world, plan);
    expect(who).toEqual(one.sightings.map(sighting => sighting.who));
    const suggested = [...plan.suggestions.values()].map(pair => [nameOf(pair.lowId), nameOf(pair.highId)].sort()).sort();
    expect(suggested).toEqual((one.suggested ?? []).map(pair => [...pair].sort()).sort());
    const anonymous = [...world.people.values()].filter(person => !person.known && !world.owners.has(person.id));
    expect(anonymous.map(person => nameOf(person.id)).sort()).toEqual([...(one.anonymous ?? [])].sort());
  });

  it('the older known customer wins, and known beats anonymous', () => {
    const person = (id: number, known: boolean, since_ms: number) => ({
      id,
      known,
      since_ms,
      ownIds: new Map(),
      hasEmail: false,
      trusted: true,
    });
    expect(winnerOf(person(2, true, 10), person(1, true, 20))[0].id).toBe(2);
    expect(winnerOf(person(2, false, 10), person(1, true, 20))[0].id).toBe(1);
    expect(winnerOf(person(-1, true, 10), person(5, true, 10))[0].id).toBe(5);
    expect(winnerOf(person(-1, true, 10), person(-2, true, 10))[0].id).toBe(-1);
  });

  it('whom staff keep apart is not joined by itself', () => {
    const world = emptyWorld();
    const [a, b] = ['user:1', 'email:a@shop.test'].map(parseKey);
    decide(world, [
      { identifiers: [a], trust: 'secret', at_ms: 1 },
      { identifiers: [b], trust: 'secret', at_ms: 2 },
    ]);
    world.apart.add('-2--1');
    const plan = decide(world, [{ identifiers: [a, b], trust: 'secret', at_ms: 3 }]);
    expect(plan.merges).toEqual([]);
    expect([...plan.suggestions]).toEqual([]);
  });

  const key = fc.constantFrom(
    'user:1',
    'user:2',
    'user@b:1',
    'email:a@x.test',
    'email:b@x.test',
    'anon:1',
    'anon:2',
    'phone:123456',
    'push:1',
  );
  const sighting = fc.record({
    keys: fc.uniqueArray(key, { minLength: 1, maxLength: 4 }),
    trust: fc.constantFrom('secret' as const, 'browser' as const),
  });
  const seed = 20_261;

  it(`a browser never joins two known people, whatever it sends (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 30 }), list => {
        const world = emptyWorld();
        for (const [index, one] of list.entries()) {
          const known = new Set(
            [...world.people.values()].filter(person => person.known && !world.owners.has(person.id)).map(person => person.id),
          );
          const offset = world.people.size;
          const plan = decide(world, [{ identifiers: one.keys.map(parseKey), trust: one.trust, at_ms: index }]);
          renumber(world, offset);
          if (one.trust === 'secret') continue;
          for (const merge of plan.merges) expect(known.has(merge.winnerId) && known.has(merge.loserId)).toBe(false);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it(`one batch or many: the same people (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 25 }), list => {
        const sightings = list.map((one, index) => ({ identifiers: one.keys.map(parseKey), trust: one.trust, at_ms: index }));
        const together = emptyWorld();
        const plan = decide(together, sightings);
        const single = emptyWorld();
        const origins = sightings.map(one => {
          const offset = single.people.size;
          const step = decide(single, [one]);
          return renumber(single, offset)(step.origins[0]);
        });
        const group = (world: World, ids: (number | null)[]) => {
          const owners = ids.map(id => (id === null ? null : (world.owners.get(id) ?? id)));
          return owners.map(owner => owners.indexOf(owner));
        };
        expect(group(single, origins)).toEqual(group(together, plan.origins));
      }),
      { seed, numRuns: 300 },
    );
  });
});

/** Gives the new people of a step ids of their own (1000 and up), as the database would. */
const renumber = (world: World, offset: number): ((id: number | null) => number | null) => {
  const real = (id: number): number => (id < 0 ? 1000 + offset - id : id);
  const people = [...world.people.values()];
  world.people.clear();
  for (const person of people) world.people.set(real(person.id), Object.assign(person, { id: real(person.id) }));
  for (const link of world.links.values()) Object.assign(link, { originId: real(link.originId), rivals: link.rivals.map(real) });
  const owners = [...world.owners];
  world.owners.clear();
  for (const [origin, owner] of owners) world.owners.set(real(origin), real(owner));
  return id => (id === null ? null : real(id));
};

describe('identifiers', () => {
  it.each([
    [' Ana@Example.COM ', 'ana@example.com'],
    ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
    ['a.b+c@x.test', 'a.b+c@x.test'],
    ['ana', null],
    ['@x.test', null],
    ['a b@x.test', null],
    ['a@b@x.test', null],
    ['a@localhost', null],
    ['a@x.test.', 'a@x.test'],
  ])('e-mail %j -> %j', (text, expected) => expect(normaliseEmail(text)).toBe(expected));

  it.each([
    ['+44 (0)20 7946-0000', '+4402079460000'],
    ['0044 20 7946 0000', '+442079460000'],
    ['020 7946 0000', '02079460000'],
    ['12345', null],
    ['000000000', null],
  ])('phone %j -> %j', (text, expected) => expect(normalisePhone(text)).toBe(expected));
});
