/** Whichever one operator of either compiler is flipped, some definition over some shop names other people than the naive reading. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as Compiler from '../compile.ts';
import type { Person } from '../condition.ts';
import type { Definition } from '../definition.ts';
import type { momentOf } from '../moment.ts';
import { parseDefinition } from '../parse-definition.ts';
import { type Engine, loadWorld, openEngine, ownerOf } from './ask.ts';
import { writeMutants } from './mutants.ts';
import { naiveMembers } from './naive.ts';
import {
  centres,
  conditions,
  corners,
  definitions,
  peopleOf,
  testVocabulary,
  type World,
  withEdges,
  worldAt,
  zones,
} from './world.ts';

/** Node's own loader: Vite would transform two thousand files. */
const require = createRequire(import.meta.url);
const vocabulary = testVocabulary();
type Statement = { sql: string; params: Record<string, unknown> };
type Case = { world: World; people: Person[]; definitions: Definition[]; expected: number[][]; statements: Statement[] };

const battery = (original: Loaded): Case[] =>
  centres.map((asOf, i) => {
    const [drawnWorld] = fc.sample(worldAt(zones[i % zones.length], asOf), { seed: i, numRuns: 1 });
    const world = withEdges(drawnWorld);
    const drawn = [
      ...corners(world.asOf),
      ...fc.sample(conditions(world.asOf), { seed: i, numRuns: 170 }),
      ...fc.sample(definitions(world.asOf), { seed: i, numRuns: 30 }),
    ];
    const list = drawn.map(definition => parseDefinition(definition, vocabulary));
    return {
      world,
      people: peopleOf(world),
      definitions: list,
      expected: list.map(definition => naiveMembers(definition, world)),
      statements: statementsOf(original, world, list),
    };
  });

/** The moment belongs to the code under test: a mutant brings its own. */
const load = (module: string) => {
  const compiler = require(module) as typeof Compiler;
  const moment = require(module.replace('compile.ts', 'moment.ts')) as { momentOf: typeof momentOf };
  return { compiler, momentOf: moment.momentOf };
};
type Loaded = ReturnType<typeof load>;

const closuresDiffer = ({ compiler, momentOf }: Loaded, { world, people, definitions, expected }: Case): boolean => {
  const moment = momentOf(world.asOf, new Date(0), world.zone);
  const shared = new Map();
  return definitions.some((definition, i) => {
    const closure = compiler.compileClosure(definition, moment, vocabulary, shared);
    return (
      people
        .filter(closure)
        .map(person => person.id)
        .join() !== expected[i].join()
    );
  });
};

const statementsOf = ({ compiler, momentOf }: Loaded, world: World, definitions: readonly Definition[]): Statement[] =>
  definitions.map(definition => {
    const statement = new compiler.SqlCompiler(momentOf(world.asOf, new Date(0), world.zone), vocabulary, ownerOf);
    const result = statement.compile(definition);
    return {
      sql: `select bitmapToArray(${result}) as members from (${compiler.leavesSql(statement.distinctLeaves())})`,
      params: statement.bindings.params,
    };
  });

/** Asks, in one statement, a few of those that the mutant asks differently. */
const sqlDiffers = async (engine: Engine, mutant: Loaded, one: Case): Promise<boolean> => {
  const after = statementsOf(mutant, one.world, one.definitions);
  const changed = after
    .flatMap((statement, i) => (JSON.stringify(statement) === JSON.stringify(one.statements[i]) ? [] : [i]))
    .slice(0, 16);
  if (changed.length === 0) return false;
  const { compiler, momentOf } = mutant;
  const statement = new compiler.SqlCompiler(momentOf(one.world.asOf, new Date(0), one.world.zone), vocabulary, ownerOf);
  const results = changed.map(i => `bitmapToArray(${statement.compile(one.definitions[i])})`);
  const sql = `select [${results.join(', ')}] as members from (${compiler.leavesSql(statement.distinctLeaves())})`;
  const [{ members }] = await engine.query<{ members: number[][] }>(sql, statement.bindings.params);
  return members.some(
    (found, at) =>
      found
        .map(Number)
        .sort((a, b) => a - b)
        .join() !== one.expected[changed[at]].join(),
  );
};

describe('flipped operators', () => {
  it('are noticed', { timeout: 300_000 }, async () => {
    const { original, mutants, remove } = await writeMutants();
    const { engine, close } = await openEngine();
    try {
      const unchanged = load(original);
      let alive: { name: string; loaded: Loaded }[] = [];
      // A quarter of them at a time keeps the suite quick; MUTANTS=all tries each (done before a commit that touches the compilers).
      const tried = process.env.MUTANTS === 'all' ? mutants : mutants.filter((_, i) => i % 4 === 0);
      for (const mutant of tried) alive.push({ name: mutant.name, loaded: load(mutant.module) });
      expect(mutants.length).toBeGreaterThan(150);
      for (const one of battery(unchanged)) {
        if (alive.length === 0) break;
        expect(closuresDiffer(unchanged, one)).toBe(false);
        await loadWorld(engine, one.world);
        const survivors: typeof alive = [];
        for (const mutant of alive) {
          const caught = await Promise.resolve()
            .then(async () => closuresDiffer(mutant.loaded, one) || (await sqlDiffers(engine, mutant.loaded, one)))
            .catch(() => true);
          if (!caught) survivors.push(mutant);
        }
        alive = survivors;
      }
      expect(alive.map(mutant => mutant.name)).toEqual([]);
    } finally {
      await remove();
      await close();
    }
  });
});
