/** The real orders of a UK gift shop (../shared/data, not part of the project): three segments with known answers. Skipped where the file is absent. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Definition } from '../definition.ts';
import { parseDefinition } from '../parse-definition.ts';
import { type Engine, openEngine, sqlMembers } from './ask.ts';
import { testVocabulary, type World } from './world.ts';

const file = new URL('../../../../../shared/data/online_retail_2010_2011_sales_only.csv.gz', import.meta.url);
const shop = '00000000-0000-7000-8000-000000000001';
/** Times of the file are London's; in winter that is UTC, in summer an hour before. */
const toUtc = (local: string): string => {
  const summer = local >= '2011-03-27 01' && local < '2011-10-30 02';
  return new Date(Date.parse(`${local.replace(' ', 'T')}Z`) - (summer ? 3_600_000 : 0))
    .toISOString()
    .replace('T', ' ')
    .replace('Z', '');
};

type Line = { invoice: string; sku: string; quantity: number; time: string; price: number; customer: number };
const readLines = (): Line[] => {
  const [head, ...rows] = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);
  const names = head.split(',').map(name => name.replaceAll('"', '').toLowerCase());
  const at = (part: string) => names.findIndex(name => name.includes(part));
  const [invoice, sku, quantity, time, price, customer] = [
    'invoiceno',
    'stockcode',
    'quantity',
    'invoicedate',
    'unitprice',
    'customerid',
  ].map(at);
  return rows.map(row => {
    // Only descriptions are ever quoted, and none of these columns is one.
    const cells = row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map(cell => cell.replace(/,$/, '').replaceAll('"', '')) ?? [];
    return {
      invoice: cells[invoice],
      sku: cells[sku],
      quantity: Number(cells[quantity]),
      time: cells[time].replace('T', ' '),
      price: Number(cells[price]),
      customer: Number(cells[customer]),
    };
  });
};

describe.skipIf(!existsSync(file))('the gift shop', () => {
  let engine: Engine;
  let close: () => Promise<void>;
  const world: World = {
    zone: 'Europe/London',
    asOf: '2011-12-09',
    customers: [],
    owners: new Map(),
    events: [],
    purchases: [],
    lines: [],
    facts: [],
  };

  beforeAll(async () => {
    ({ engine, close } = await openEngine());
    const lines = readLines().filter(line => line.customer > 0);
    const times = new Map<string, { time: string; customer: number }>();
    for (const line of lines) {
      const known = times.get(line.invoice);
      if (!known || line.time < known.time) times.set(line.invoice, { time: line.time, customer: line.customer });
    }
    const ids = new Map(
      [...times.keys()].map((invoice, i) => [invoice, `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`]),
    );
    const order = (invoice: string) => {
      const { time, customer } = times.get(invoice)!;
      return { order_id: ids.get(invoice), origin_id: customer, shop_id: shop, time: toUtc(time), day: time.slice(0, 10) };
    };
    await engine.insert(
      'base',
      [...new Set(lines.map(line => line.customer))].map(customer_id => ({
        customer_id,
        known: true,
        shopper: true,
        version: 1,
      })),
    );
    await engine.insert(
      'purchase',
      [...ids.keys()].map(invoice => ({
        ...order(invoice),
        sales_minor: 0,
        total_minor: 0,
        discount_minor: 0,
        items: 0,
        currency: 'GBP',
      })),
    );
    await engine.insert(
      'event',
      [...ids].map(([invoice, id]) => ({
        id,
        origin_id: order(invoice).origin_id,
        name: 'Order Completed',
        time: order(invoice).time,
        shop_id: shop,
        source: 'orders',
        historical: true,
        import_id: id,
        text: {},
        number: {},
      })),
    );
    for (let from = 0; from < lines.length; from += 100_000) {
      await engine.insert(
        'purchase_line',
        lines.slice(from, from + 100_000).map(line => ({
          ...order(line.invoice),
          sku: line.sku,
          category: '',
          kind: 'product',
          quantity: line.quantity,
          amount_minor: Math.round(line.quantity * line.price * 100),
          discounted: false,
        })),
      );
    }
  }, 180_000);
  afterAll(() => close());

  it.each<[string, Definition, number]>([
    ['everybody', { all: [] }, 4_339],
    [
      'at least 3 orders BUT NOT in the last 90 days',
      { all: [{ orders: 'count', at_least: 3 }, { not: { did: 'Order Completed', within: { days: 90 } } }] },
      285,
    ],
    [
      'the same by orders',
      {
        all: [
          { orders: 'count', at_least: 3 },
          { orders: 'last', before: { days: 90 } },
        ],
      },
      285,
    ],
    ['85123A BUT NOT 22423', { bought: { any: ['85123A'] }, but_not: ['22423'] }, 595],
    [
      'sales of at least 1,000 OR at least 10 orders',
      {
        any: [
          { orders: 'sales', at_least: { amount_minor: 100_000 } },
          { orders: 'count', at_least: 10 },
        ],
      },
      1_668,
    ],
  ])('%s: %#', async (_, definition, count) => {
    const [members] = await sqlMembers(engine, [parseDefinition(definition, testVocabulary())], world);
    expect(members.length).toBe(count);
  });
});
