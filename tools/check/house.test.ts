import { describe, expect, it } from 'vitest';
import { checkHouse, type Files, rules } from './house.ts';

/** A small house in which every rule holds. */
const sound: [string, string][] = [
  [
    'src/features.ts',
    "import { feature as shops } from './features/shops/index.ts';\nimport { feature as orders } from './features/orders/index.ts';\nexport const features = [shops, orders];\n",
  ],
  ['src/features/shops/README.md', '# Shops'],
  ['src/features/shops/index.ts', "export const shopOf = () => 1;\nexport const customerTables = [{ table: 'shops.visit' }];\n"],
  ['src/features/shops/texts/en.ts', "export const en = {\n  'shops.title': 'Shops',\n};\n"],
  ['src/features/shops/migrations/0020-shops.sql', 'create table shops.visit (\n  id uuid,\n  customer_id bigint\n);\n'],
  ['src/features/orders/README.md', '# Orders'],
  ['src/features/orders/index.ts', "import { shopOf } from '../shops/index.ts';\nexport const x = shopOf();\n"],
  ['src/features/orders/write.ts', 'export const write = (sql) => sql`insert into orders.line (id) values (1)`;\n'],
  ['src/platform/clock.ts', 'export const now = 1;\n'],
];
const houseWith = (...planted: [string, string][]): Files => new Map([...sound, ...planted]);
const found = (files: Files): string[] => checkHouse(files).map(one => `${one.rule} ${one.where}`);

/** Rule -> a violation that only this rule may find. */
const planted: Record<string, [string, string][]> = {
  'feature-order': [['src/features/shops/early.ts', "import { x } from '../orders/index.ts';\nexport const y = x;\n"]],
  'front-doors': [['src/features/orders/deep.ts', "import { secret } from '../shops/secret.ts';\nexport const y = secret;\n"]],
  'ground-floors': [['src/platform/knows.ts', "import type { X } from '../features/orders/contract.ts';\nexport type Y = X;\n"]],
  'no-cycles': [
    ['src/platform/a.ts', "import type { B } from './b.ts';\nexport type A = B;\n"],
    ['src/platform/b.ts', "import type { A } from './a.ts';\nexport type B = A;\n"],
  ],
  'own-schema': [
    ['src/features/orders/steal.ts', 'export const steal = (sql) => sql`\n  update shops.visit set customer_id = 1`;\n'],
  ],
  'customer-tables': [
    ['src/features/shops/migrations/0021-more.sql', 'create table shops.fan (\n  id uuid,\n  origin_id bigint not null\n);\n'],
  ],
  vocabulary: [['src/features/shops/utils.ts', 'export const y = 1;\n']],
  migrations: [['src/features/shops/migrations/0020-then.sql', 'select 1;\n']],
  texts: [['src/features/orders/page.ts', "export const title = (t) => t('orders.missing');\n"]],
};

describe('the house check', () => {
  it('finds nothing in a sound house', () => expect(checkHouse(houseWith())).toEqual([]));
  it('has a planted violation for every rule', () =>
    expect(Object.keys(planted).sort()).toEqual(rules.map(rule => rule.name).sort()));
  for (const [rule, files] of Object.entries(planted)) {
    it(`${rule} finds what was planted`, () => expect(found(houseWith(...files))).toEqual([`${rule} ${files[0][0]}`]));
  }
  it('says why and the way out', () => {
    for (const one of checkHouse(houseWith(...planted.migrations))) expect(`${one.why} ${one.wayOut}`.length).toBeGreaterThan(60);
  });
});
