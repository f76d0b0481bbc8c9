/** What merge, export and erasure do with carts. */
import type { CustomerTable } from '../../../platform/feature.ts';

const ids = (given: readonly number[]): number[] => given as number[];

export const cartTables: readonly CustomerTable[] = [
  {
    table: 'orders.cart',
    label: 'orders.table.cart',
    merge: 'move',
    export: async ({ postgres }, customers) => postgres`
      select state, lines, items, value_minor, currency, coupon, started_at, last_activity_at, abandoned_at, closed_at, order_id from orders.cart
      where customer_id = any(${ids(customers)}::bigint[]) order by started_at`,
    erase: 'delete',
  },
  {
    table: 'orders.browse',
    label: 'orders.table.browse',
    merge: 'move',
    export: async ({ postgres }, customers) => postgres`
      select products, started_at, last_activity_at from orders.browse where customer_id = any(${ids(customers)}::bigint[])`,
    erase: 'delete',
  },
  {
    table: 'orders.checkout',
    label: 'orders.table.checkout',
    merge: 'move',
    export: async ({ postgres }, customers) => postgres`
      select kind, outside_id, lines, value_minor, currency, started_at, updated_at, completed_at from orders.checkout
      where customer_id = any(${ids(customers)}::bigint[]) order by started_at`,
    erase: 'delete',
  },
  {
    // Ids and times only: which silence was announced.
    table: 'orders.cart_notice',
    label: 'orders.table.cart',
    merge: 'move',
    export: null,
    erase: 'delete',
  },
];
