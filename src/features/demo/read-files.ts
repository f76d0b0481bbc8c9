/** The past as tools/demo-shop writes it, one JSON object a line. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { toMinor } from '../../platform/money.ts';
import type { OrderInput } from '../orders/index.ts';

export type DemoCustomer = {
  key: string;
  email: string;
  phone: string | null;
  first_name: string;
  last_name: string;
  country: string;
  city: string;
  language: string;
  found_us_by: string;
  wholesale: boolean;
  joined_at: string;
};
type DemoLine = { sku: string; name: string; category: string; quantity: number; price: number; discount: number };
export type DemoOrder = {
  number: string;
  customer: string | null;
  country: string | null;
  placed_at: string;
  cancelled_at: string | null;
  code: string | null;
  shipping: number;
  lines: DemoLine[];
  refund: { at: string; sku: string; quantity: number; amount: number } | null;
};

/** Portions of a file, in its order. */
export async function* portionsOf<T>(file: string, size: number): AsyncGenerator<T[]> {
  let portion: T[] = [];
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
    portion.push(JSON.parse(line) as T);
    if (portion.length === size) {
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}

export const toOrder = (order: DemoOrder, shop: { id: string; currency: string }, customerId: number | null): OrderInput => {
  const minor = (amount: number): number => toMinor(amount.toFixed(2), shop.currency);
  return {
    shopId: shop.id,
    number: order.number,
    placedAt: new Date(order.placed_at),
    customerId,
    currency: shop.currency,
    country: order.country,
    state: order.cancelled_at ? 'cancelled' : 'placed',
    cancelledAt: order.cancelled_at ? new Date(order.cancelled_at) : null,
    discountCodes: order.code ? [order.code] : [],
    lines: [
      ...order.lines.map(line => ({
        kind: 'product' as const,
        sku: line.sku,
        name: line.name,
        category: line.category,
        quantity: String(line.quantity),
        unitPrice: line.price.toFixed(2),
        discountMinor: minor(line.discount),
        totalMinor: null,
      })),
      ...(order.shipping > 0
        ? [
            {
              kind: 'shipping' as const,
              sku: null,
              name: 'Parcel',
              quantity: '1',
              unitPrice: order.shipping.toFixed(2),
              discountMinor: 0,
              totalMinor: null,
            },
          ]
        : []),
    ],
    refunds: order.refund
      ? [
          {
            outsideId: `${order.number}-R`,
            at: new Date(order.refund.at),
            amountMinor: minor(order.refund.amount),
            lines: [{ sku: order.refund.sku, quantity: String(order.refund.quantity), amountMinor: minor(order.refund.amount) }],
          },
        ]
      : [],
  };
};
