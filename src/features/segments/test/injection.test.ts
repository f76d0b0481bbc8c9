/** Whatever people write as a value, a name or a zone: it never becomes part of a statement, and it breaks nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leavesSql, SqlCompiler } from '../compile.ts';
import { momentOf } from '../moment.ts';
import { parseDefinition } from '../parse-definition.ts';
import { type Engine, loadWorld, openEngine, ownerOf } from './ask.ts';
import { shopIds, testFacts, testVocabulary, type World } from './world.ts';

const hostile = [
  "' or 1=1 --",
  "'); drop table event; --",
  '{p1:String}',
  '{p1_x:String}',
  '\\',
  "\\' union all select 1",
  '*/ 1 /*',
  '`',
  '"',
  '%',
  '\u2028',
  '\ud83d\ude00',
  '$(id)',
  'a\tb\nc\r',
  '\u0001',
  '[1,2]',
  'null',
];

/** Every place of the language where a text of somebody's own choosing may stand. */
const places: Record<string, (text: string) => unknown> = {
  'text value': text => ({ fact: 'test.text', is: text }),
  'text list': text => ({ fact: 'test.text', in: [text, 'b'] }),
  contains: text => ({ fact: 'test.text', contains: text }),
  'starts with': text => ({ fact: 'test.text', starts_with: text }),
  'set member': text => ({ fact: 'test.set', has_all: [text] }),
  'event name': text => ({ did: text }),
  'property name': text => ({ did: 'X', where: [{ property: text, is: 'y' }] }),
  'property known': text => ({ did: 'X', where: [{ property: text, set: true }] }),
  'property value': text => ({ did: 'X', where: [{ property: 'y', starts_with: text }] }),
  product: text => ({ bought: { any: [text] } }),
  'products and not': text => ({ bought: { all: [text, 'A'] }, but_not: [text] }),
  category: text => ({ orders: 'count', at_least: 1, categories: [text] }),
  tag: text => ({ tag: text }),
  salt: text => ({ share: { percent: 50, salt: text } }),
  'own fact': text => ({ fact: "attribute.it's", is: text }),
};

describe('hostile texts', () => {
  let engine: Engine;
  let close: () => Promise<void>;
  const fact = testFacts.find(one => one.code === 'test.text')!;
  const vocabulary = {
    ...testVocabulary(),
    facts: new Map([...testFacts.map(one => [one.code, one] as const), ["attribute.it's", { ...fact, code: "attribute.it's" }]]),
  };
  beforeAll(async () => {
    ({ engine, close } = await openEngine());
    const world: World = {
      zone: 'Europe/London',
      asOf: '2024-06-15',
      owners: new Map(),
      purchases: [],
      customers: [1, 2].map(id => ({ id, known: true, shopper: true })),
      events: [],
      lines: [],
      facts: hostile.map((value, i) => ({ code: 'test.text', customerId: 10 + i, value })),
    };
    await loadWorld(engine, {
      ...world,
      customers: [...world.customers, ...hostile.map((_, i) => ({ id: 10 + i, known: true, shopper: true }))],
    });
  });
  afterAll(() => close());

  const statementOf = (raw: unknown) => {
    const definition = parseDefinition(raw, vocabulary);
    const compiler = new SqlCompiler(momentOf('2024-06-15', new Date(0), 'Europe/London'), vocabulary, ownerOf);
    const sql = `select bitmapToArray(${compiler.compile(definition)}) as members from (${leavesSql(compiler.distinctLeaves())})`;
    return { definition, sql, params: compiler.bindings.params };
  };

  it.each(Object.entries(places))('as %s are values only', async (_, place) => {
    for (const text of hostile) {
      const { definition, sql, params } = statementOf(place(text));
      expect(sql).toBe(statementOf(place('harmless')).sql);
      const [{ members }] = await engine.query<{ members: number[] }>(sql, params);
      if (JSON.stringify(definition).startsWith('{"fact":"test.text","is"'))
        expect(members).toEqual([10 + hostile.indexOf(text)]);
    }
    expect(await engine.query('select count() as count from event')).toEqual([{ count: 0 }]);
  });

  it('are no shop, no zone and no moment', () => {
    for (const text of hostile) {
      expect(() => parseDefinition({ did: 'X', shops: [text] }, vocabulary)).toThrow('no such shop');
      expect(() => parseDefinition({ did: 'X', since: text }, vocabulary)).toThrow('YYYY-MM-DD');
      expect(() => momentOf('2024-06-15', new Date(0), text)).toThrow(RangeError);
    }
    expect(shopIds).toHaveLength(2);
  });
});
