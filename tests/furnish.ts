/** Puts something into the house, so that doors about records have a record to be about. */
import type { Browser } from '../src/features/access/front-door.ts';
import { resolveCustomers } from '../src/features/customers/index.ts';
import { recordOrders } from '../src/features/orders/index.ts';
import { defaultShopOf } from '../src/features/shops/index.ts';
import type { TestHouse } from '../src/platform/testing.ts';
import type { Door } from './sample.ts';
import { sampleOf, schemaOf } from './sample.ts';

/** Nobody else in the test data has these, so that a leak is found by its letters. */
export const person = {
  name: 'Zelda Matrixova',
  email: 'zelda.matrix@shop.example',
  phone: '+447700900123',
  note: 'likes violet envelopes',
};
export const amountMinor = 98_765_43;

export type Furnished = {
  /** Ids of real rows by path: "/api/orders/:id". */
  known: Record<string, string>;
  /** A secret write key, as an Authorization header. */
  ingest: { authorization: string };
};

/** One known customer with an order and a note, a write key, and one of whatever the doors make from a fitting body. */
export const furnish = async (house: TestHouse, owner: Browser, doors: readonly Door[]): Promise<Furnished> => {
  // These tests are refused thousands of times: what notices break-ins would write alerts about them.
  await house.context
    .postgres`update access.policy set limits = '{"refusals": 100000, "customer_pages": 1000000, "list_pages": 1000000}'`;
  const known: Record<string, string> = {};
  const at = new Date('2025-12-20T10:00:00Z');
  const [customerId] = await resolveCustomers(house.context, [
    {
      identifiers: [
        { kind: 'email', source: '', value: person.email },
        { kind: 'phone', source: '', value: person.phone },
      ],
      trust: 'secret',
      at,
      traits: { name: person.name, email: person.email, phone: person.phone },
    },
  ]);
  const shop = await defaultShopOf(house.context);
  const unitPrice = (amountMinor / 100).toFixed(2);
  const line = {
    kind: 'product' as const,
    sku: 'M-1',
    name: 'Matrix lamp',
    quantity: '1',
    unitPrice,
    discountMinor: 0,
    totalMinor: amountMinor,
  };
  const [order] = await recordOrders(
    house.context,
    [
      {
        shopId: shop.id,
        number: 'M-1001',
        placedAt: at,
        customerId,
        currency: shop.currency,
        state: 'placed',
        lines: [line],
        refunds: [],
      },
    ],
    { source: 'test', importId: null, historical: true, lines: 'whole' },
  );
  await owner.send('POST', `/api/customers/${customerId}/notes`, { text: person.note, body: person.note });
  for (const { route } of doors) {
    if (
      route.method !== 'POST' ||
      route.needs === 'public' ||
      route.path.includes(':') ||
      !route.body ||
      route.upload ||
      route.asks
    )
      continue;
    const answer = await owner.send('POST', route.path, sampleOf(schemaOf(route.body)));
    const id = answer.status < 300 ? answer.body?.id : undefined;
    if (typeof id === 'string') known[`${route.path}/:id`] = id;
  }
  known['/api/customers/:id'] = String(customerId);
  known['/api/orders/:id'] = order.orderId;
  const { body } = await owner.send('POST', '/api/write-keys', { shop_id: shop.id, kind: 'secret', name: 'furnished' });
  return { known, ingest: { authorization: `Basic ${Buffer.from(`${body.key}:`).toString('base64')}` } };
};

/** Parameters of a path from what is known, `id` and `customer` alike. */
export const knownParams = (known: Record<string, string>, { route }: Door): Record<string, string> => {
  const prefix = Object.keys(known).find(path => route.path === path || route.path.startsWith(`${path}/`));
  return {
    ...(prefix ? { id: known[prefix] } : {}),
    ...(route.path.includes(':customer') ? { customer: known['/api/customers/:id'] } : {}),
  };
};
