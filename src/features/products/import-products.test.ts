/** A shop's own product list through the front door: costs make margins known, variants are grouped, undo puts everything back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as imports } from '../imports/index.ts';
import { bringer } from '../imports/test/bring.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as products, recordProducts } from './index.ts';

let house: TestHouse;
let files: ReturnType<typeof bringer>;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports, products] });
  files = bringer(house);
});
afterAll(() => house?.close());

const listed = async () =>
  (await house.request('GET', '/api/products?sort=sku')).body.data.map((row: Record<string, unknown>) => [
    row.sku,
    row.name,
    row.price,
    row.cost,
    row.margin_share,
    row.stock,
    row.last_sold_at === null ? 'not sold' : 'sold',
  ]);
const sell = (sku: string, name: string, price: string, at: string) =>
  recordProducts(house.context, [{ sku, name, category: null, price, currency: 'EUR', at: new Date(at) }], { importId: null });

test('a list with costs makes margins known, groups variants, leaves the days of sale, and goes back without a trace', async () => {
  await sell('MUG-R', 'Red mug', '10.00', '2025-11-01T10:00:00Z');
  const before = await listed();
  expect(before).toEqual([['MUG-R', 'Red mug', '10', null, null, null, 'sold']]);

  const up = await files.bring(
    'Handle,Title,Option1 Value,Variant SKU,Variant Price,Cost per item,Variant Inventory Qty,Variant Barcode,Type\n' +
      'mug,Mug,red,MUG-R,12.00,4.50,7,5012345678900,Kitchen\n' +
      'mug,,blue,MUG-B,12.00,4.80,-2,5.01E+12,\n' +
      'plate,Plate,Default Title,PLATE,20.00,,,,Kitchen\n' +
      'bad,Bad,x,,1.00,,,,\n' +
      'worse,Worse,x,W,1.00,cheap,,,\n',
    'products_export.csv',
  );
  expect(up.body).toMatchObject({ kind: 'products', problems: [{ code: 'currency_missing' }] });
  const ready = await files.edit(up.body, { settings: { currency: 'EUR' } });
  const counted = await files.act(ready.id, 'dry-run');
  expect(counted.dry_run.counts.made).toMatchObject({ products: 2, products_known: 1, costs: 2 });
  const done = await files.act(ready.id, 'start');
  expect(done.counts).toMatchObject({
    read: 5,
    kept: 3,
    added: 3,
    skipped: { missing: 1, not_a_number: 1 },
    noted: { barcode_lost: 1 },
    made: { products: 2, products_changed: 1, costs: 2 },
  });
  expect(await listed()).toEqual([
    ['MUG-B', 'Mug', '12', '4.8', 0.6, '-2', 'not sold'],
    ['MUG-R', 'Mug', '12', '4.5', 0.625, '7', 'sold'],
    ['PLATE', 'Plate', '20', null, null, null, 'not sold'],
  ]);
  const blind = await house.request('GET', '/api/products?sort=sku', { actor: house.staff({ fields: new Set(['behaviour']) }) });
  expect(JSON.stringify(blind.body)).not.toContain('4.8');

  // The same list again says nothing new; a sale after it dates the product.
  const again = await files.bringAll('sku,cost\nMUG-B,4.80\n', { kind: 'products', settings: { currency: 'EUR' } });
  expect(again.counts).toMatchObject({ kept: 1, added: 0 });
  await sell('PLATE', 'Plate', '20.00', '2025-12-01T10:00:00Z');
  expect((await listed()).find((row: string[]) => row[0] === 'PLATE')?.at(-1)).toBe('sold');

  await files.act(again.id, 'undo');
  await files.act(done.id, 'undo');
  // What was sold since stays; the rest is as it was.
  expect(await listed()).toEqual([...before, ['PLATE', 'Plate', '20', null, null, null, 'sold']]);
});
