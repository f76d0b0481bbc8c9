/** Orders: one row per (shop, number) whatever brought it, with lines, dated refunds and cancellations. */
import { copying } from '../../platform/copies.ts';
import type { CustomerTable } from '../../platform/feature.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { type StatusSource, statusSources } from '../../platform/system/index.ts';
import { facts, searchSources, timelineEntries, touchConsumers } from '../customers/index.ts';
import { importKinds } from '../imports/index.ts';
import { productFigures } from '../products/index.ts';
import { projections } from '../tracking/index.ts';
import { cartFacts } from './carts/cart-facts.ts';
import { cartTables } from './carts/cart-tables.ts';
import { cartTimeline, ownSilences } from './carts/cart-timeline.ts';
import { fillAtStart, fillCarts } from './carts/fill-carts.ts';
import { consumer as carts, followCarts, wants } from './carts/follow-carts.ts';
import { copies, copyOrders } from './clickhouse.ts';
import { contract } from './contract.ts';
import { eraseOrders } from './erase-orders.ts';
import { orderFacts } from './facts.ts';
import { rerate, rerateOnChange } from './home-currency.ts';
import { orderLines } from './import-order-lines.ts';
import { shopifyOrders } from './import-shopify-orders.ts';
import { wooAnalyticsOrders } from './import-woocommerce-analytics.ts';
import { wooOrders } from './import-woocommerce-orders.ts';
import { orderFigures } from './list-orders.ts';
import { soldFigures } from './product-figures.ts';
import { orderProjection } from './project-events.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { orderSearch, orderTimeline } from './timeline.ts';

export {
  type CartLine,
  type CheckoutInput,
  cartRefs,
  type RecordCheckoutsOptions,
} from './carts/cart.ts';
export { forgetCarts } from './carts/forget-carts.ts';
export { recordCheckouts } from './carts/record-checkouts.ts';
export { purchaseRows } from './clickhouse.ts';
export {
  type LineInput,
  type LineKind,
  lineKinds,
  type OrderInput,
  type OrderOutcome,
  type RecordOrdersOptions,
  type RefundInput,
} from './order.ts';
export { recordOrders } from './record-orders.ts';
export { cancelOrders, type RefundOf, recordRefunds } from './record-refunds.ts';
export { undoOrders } from './undo-orders.ts';
export { type WooStanding, wooDecimal, wooSkuOf, wooStandingOf, wooUnitPrice } from './woocommerce.ts';

const customerTables: readonly CustomerTable[] = [
  ...cartTables,
  {
    table: 'orders.order',
    label: 'orders.table.order',
    merge: 'move',
    export: async ({ postgres }, ids) => postgres`
      select o.number, o.placed_at, o.state, o.currency, o.total_minor, o.country, o.source,
        (select jsonb_agg(jsonb_build_object('sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'total_minor', l.total_minor) order by l.position) from orders.line l where l.order_id = o.id) as lines,
        (select jsonb_agg(jsonb_build_object('at', r.at, 'amount_minor', r.amount_minor)) from orders.refund r where r.order_id = o.id) as refunds
      from orders."order" o where o.customer_id = any(${ids as number[]}::bigint[]) order by o.placed_at`,
    // The books keep the sale; the person is taken off it.
    erase: eraseOrders,
  },
];

const status: StatusSource = {
  code: 'orders',
  read: async context => {
    const figures = (await orderFigures(context)) as { waiting_copy: number; unconverted: number; unmatched_refunds: number };
    const one = (code: string, value: number) => ({
      code: `orders.${code}`,
      label: `orders.status.${code}`,
      value,
      unit: null,
      state: value === 0 ? ('good' as const) : ('warning' as const),
    });
    return [
      one('waiting', figures.waiting_copy),
      one('unconverted', figures.unconverted),
      one('unmatched', figures.unmatched_refunds),
    ];
  },
};

export const feature = defineFeature({
  name: 'orders',
  contract,
  routes,
  permissions: [
    { verb: 'orders:read', label: 'orders.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'orders:write', label: 'orders.permission.write', roles: ['support'] },
  ],
  stages: [
    { name: 'orders.copy', step: copying(copyOrders), idleMs: 1000 },
    { name: 'orders.carts', step: followCarts, idleMs: 1000 },
  ],
  jobs: [rerate, fillCarts],
  reactions: [rerateOnChange],
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  copies,
  fills: [
    ...fill(facts, ...orderFacts, ...cartFacts),
    ...fill(touchConsumers, { name: carts, wants }),
    ...fill(productFigures, soldFigures),
    ...fill(importKinds, orderLines, shopifyOrders, wooOrders, wooAnalyticsOrders),
    ...fill(projections, orderProjection, ownSilences),
    ...fill(timelineEntries, orderTimeline, cartTimeline),
    ...fill(searchSources, orderSearch),
    ...fill(statusSources, status),
  ],
  texts: en,
  start: fillAtStart,
});
