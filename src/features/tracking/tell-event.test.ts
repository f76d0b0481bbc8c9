import { expect, test } from 'vitest';
import { tellEvent } from './tell-event.ts';

test.each<[string, Record<string, unknown>, string | null, string[]]>([
  ['Page Viewed', { title: 'Teapots', path: '/teapots', url: 'https://shop.example/teapots' }, 'Teapots', []],
  ['Page Left', { title: 'Teapots', seconds: 75 }, 'Teapots · 1 min 15 s', []],
  ['Product Added', { name: 'Harbour mug', quantity: 2, price: 24 }, '2 × Harbour mug', []],
  ['Product Viewed', { sku: 'TEA-1' }, 'TEA-1', []],
  ['Products Searched', { query: 'mug' }, '“mug”', []],
  ['Cart Viewed', { products: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }] }, 'a, b, c +1', []],
  ['Cart Viewed', { products: 'none' }, null, ['products']],
  ['Consent Changed', { channel: 'web', purpose: 'marketing', state: 'unsubscribed' }, 'marketing · web · unsubscribed', []],
  ['Quiz Done', { result: 'green tea', url: 'https://shop.example/quiz' }, null, ['result']],
  ['Link Clicked', { url: 'https://shop.example' }, null, ['url']],
])('%s %j', (name, properties, body, details) => {
  const told = tellEvent(name, properties);
  expect([told.body, told.details.map(one => one.label)]).toEqual([body, details]);
});
