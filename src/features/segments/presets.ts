/**
 * Ready-made segments. Each has a name, the reason for it, and a definition that can be saved as it is or changed first. A preset that
 * names a fact this installation lacks is shown as not available yet.
 */
import type { Definition } from './definition.ts';

/** `name` and `why` are text keys "segments.preset.<code>.name" and ".why". */
export type Preset = { code: string; definition: Definition };

const ordered = 'Order Completed';

export const presets: readonly Preset[] = [
  { code: 'slipping', definition: { fact: 'predictions.slipping', is: true } },
  {
    code: 'several_not_since',
    definition: { all: [{ orders: 'count', at_least: 3 }, { not: { did: ordered, within: { days: 90 } } }] },
  },
  { code: 'high_value', definition: { all: [{ orders: 'sales', at_least: { amount_minor: 100_000 } }] } },
  {
    code: 'vip',
    definition: {
      all: [
        { orders: 'count', at_least: 10 },
        { orders: 'sales', at_least: { amount_minor: 200_000 } },
        { did: ordered, within: { months: 6 } },
      ],
    },
  },
  {
    code: 'loyal',
    definition: {
      all: [
        { orders: 'count', at_least: 4 },
        { did: ordered, within: { months: 6 } },
      ],
    },
  },
  {
    code: 'first_time',
    definition: {
      all: [
        { orders: 'count', is: 1 },
        { orders: 'first', within: { days: 30 } },
      ],
    },
  },
  { code: 'repeat', definition: { all: [{ orders: 'count', at_least: 2 }] } },
  {
    code: 'at_risk',
    definition: {
      all: [
        { orders: 'last', before: { months: 6 } },
        { orders: 'average', less_than: { amount_minor: 5_000 } },
      ],
    },
  },
  { code: 'inactive', definition: { all: [{ orders: 'last', before: { months: 12 } }] } },
  {
    code: 'price_sensitive',
    definition: {
      any: [
        {
          all: [
            { orders: 'count', at_least: 2 },
            { orders: 'discounted_share', at_least: 50 },
          ],
        },
        {
          all: [
            { fact: 'orders.carts_abandoned', at_least: 2 },
            { fact: 'orders.cart_abandonment_rate', at_least: 60 },
          ],
        },
      ],
    },
  },
  { code: 'says_price', definition: { fact: 'attribute.main_concern', is: 'price' } },
  {
    code: 'bargain_hunters',
    definition: {
      all: [
        { orders: 'count', at_least: 3 },
        { orders: 'discounted_share', is: 100 },
        { orders: 'average', less_than: { amount_minor: 5_000 } },
      ],
    },
  },
  {
    code: 'cart_abandoners',
    definition: {
      all: [
        { fact: 'orders.cart_state', is: 'abandoned' },
        { fact: 'orders.cart_last_activity', within: { days: 30 } },
      ],
    },
  },
  {
    code: 'browsers',
    definition: {
      all: [
        { did: 'Product Viewed', count: { at_least: 3 }, within: { days: 14 } },
        { not: { did: ordered, within: { days: 14 } } },
      ],
    },
  },
  {
    code: 'needs_next',
    definition: { all: [{ bought: { any: ['SKU-X', 'SKU-Y'] }, but_not: ['SKU-Z'] }] },
  },
  { code: 'category_loyalists', definition: { all: [{ orders: 'count', at_least: 3, categories: ['Category'] }] } },
  {
    code: 'returners',
    definition: {
      all: [
        { orders: 'count', at_least: 3 },
        { orders: 'refund_share', at_least: 30 },
      ],
    },
  },
  { code: 'birthday', definition: { all: [{ fact: 'customers.birthday', anniversary: { next: 14 } }, { consent: 'email' }] } },
  {
    code: 'newly_known',
    definition: { all: [{ fact: 'customers.known_since', within: { days: 14 } }, { not: { did: ordered } }] },
  },
];
