/** A signed body sent again under another topic: the header that names the topic is not signed. */
import { expect, test } from 'vitest';
import { webhooks } from './webhooks.ts';

const about = { settings: { shop: 'tea.myshopify.com' }, at: new Date('2026-03-01T00:00:00Z') };
const customer = { id: 191167, email: 'ana@shop.example' };
const request = { shop_id: 1, shop_domain: 'tea.myshopify.com', customer, orders_requested: [], data_request: { id: 9 } };
const redact = { shop_id: 1, shop_domain: 'tea.myshopify.com', customer, orders_to_redact: [1] };

test.each([
  ['customers/redact', request],
  ['customers/redact', { id: 820982911946154508n, customer, line_items: [] }],
  ['shop/redact', redact],
  ['shop/redact', request],
  ['app/uninstalled', redact],
  ['app/uninstalled', { id: 820982911946154508n, customer, line_items: [] }],
])('%s is not told by the body of another topic', (topic, body) => {
  expect(() => webhooks.receive(topic, body, about)).toThrow();
});

test('each is told by its own', () => {
  expect(webhooks.receive('customers/redact', redact, about)).toEqual([
    { kind: 'redact', customerId: '191167', email: 'ana@shop.example' },
  ]);
  expect(webhooks.receive('shop/redact', { shop_id: 1, shop_domain: 'tea.myshopify.com' }, about)).toEqual([
    { kind: 'shop_redact' },
  ]);
  expect(webhooks.receive('app/uninstalled', { id: 1, myshopify_domain: 'tea.myshopify.com' }, about)).toEqual([
    { kind: 'uninstalled' },
  ]);
});
