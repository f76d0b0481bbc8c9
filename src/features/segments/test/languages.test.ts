/** The two compilers are held equal to each other and to a naive reading, over random shops and random definitions. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileClosure } from '../compile.ts';
import type { Definition } from '../definition.ts';
import { momentOf } from '../moment.ts';
import { parseDefinition } from '../parse-definition.ts';
import { type Engine, loadWorld, openEngine, sqlMembers } from './ask.ts';
import { naiveMembers } from './naive.ts';
import { definitions, peopleOf, testVocabulary, type World, worlds } from './world.ts';

const seed = Number(process.env.SEED ?? 20111209);

export const closureMembers = (list: readonly Definition[], world: World, segments: Record<string, Definition>): number[][] => {
  const vocabulary = testVocabulary(
    new Map(Object.entries(segments).map(([id, definition]) => [id, { id, name: id, definition }])),
  );
  const moment = momentOf(world.asOf, new Date(0), world.zone);
  const people = peopleOf(world);
  const shared = new Map();
  return list.map(definition => {
    const closure = compileClosure(definition, moment, vocabulary, shared);
    return people.filter(closure).map(person => person.id);
  });
};

/** A world, a chain of two referred segments, and many definitions that may refer to them. */
const cases = worlds.chain(world =>
  fc.record({
    world: fc.constant(world),
    one: definitions(world.asOf),
    two: definitions(world.asOf, ['one']),
    list: fc.array(definitions(world.asOf, ['one', 'two']), { minLength: 30, maxLength: 30 }),
  }),
);

describe('one language, three readings', () => {
  let engine: Engine;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ engine, close } = await openEngine());
  });
  afterAll(() => close());

  it('SQL, closures and the naive reading name the same people', { timeout: 120_000 }, async () => {
    let compared = 0;
    let members = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ world, one, two, list }) => {
        const vocabulary = testVocabulary(
          new Map([
            ['one', { id: 'one', name: 'one', definition: one }],
            ['two', { id: 'two', name: 'two', definition: two }],
          ]),
        );
        const parsed = list.map(definition => parseDefinition(definition, vocabulary));
        const segments = { one: parseDefinition(one, vocabulary), two: parseDefinition(two, vocabulary) };
        await loadWorld(engine, world);
        const bySql = await sqlMembers(engine, parsed, world, segments);
        const byClosures = closureMembers(parsed, world, segments);
        list.forEach((definition, i) => {
          const naive = naiveMembers(definition, world, { one, two });
          const text = JSON.stringify(definition);
          expect({ text, sql: bySql[i] }).toEqual({ text, sql: naive });
          expect({ text, closures: byClosures[i] }).toEqual({ text, closures: naive });
          compared += 1;
          members += naive.length;
        });
      }),
      { seed, numRuns: Number(process.env.RUNS ?? 15) },
    );
    expect(compared).toBeGreaterThan(400);
    expect(members / compared).toBeGreaterThan(1);
  });
});
