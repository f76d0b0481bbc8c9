/** Shopify, by a custom app of the merchant's own. See README.md. */
import { Refusal } from '../../../platform/errors.ts';
import { lineTotalMinor, toMinor } from '../../../platform/money.ts';
import {
  type Access,
  type Connector,
  ConnectorError,
  type Item,
  type OrderSum,
  type Page,
  type ResourceCode,
} from '../connector.ts';
import { apiVersion, call, nextPage } from './api.ts';
import { translate } from './translate.ts';
import { webhooks } from './webhooks.ts';
import { writeBack } from './write-back.ts';

const pageSize = '250';
/** What the app needs; `read_all_orders` for orders older than 60 days. */
const scopes = ['read_orders', 'read_all_orders', 'read_customers', 'write_customers', 'read_products'];

/** "https://My-Shop.myshopify.com/admin" or "my-shop" -> "my-shop.myshopify.com" */
const shopAddress = (text: string): string => {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^admin\.shopify\.com\/store\//, '')
    .replace(/[/?#].*$/, '');
  const full = /^[a-z0-9][a-z0-9-]*$/.test(host) ? `${host}.myshopify.com` : host;
  // With a port it is a host of the installation's own (PRIVATE_HOSTS); the way out refuses any other.
  if (!/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(full) && !/^[a-z0-9.-]+:\d{2,5}$/.test(full))
    throw new Refusal(
      'refused',
      'connections.shopify_address',
      'Enter the address that ends in .myshopify.com. Shopify shows it under Settings > Domains; your own domain does not work here.',
      { faults: [{ path: 'fields.shop', reason: 'Enter the address that ends in .myshopify.com.' }] },
    );
  return full;
};

const api = (path: string): string => `api/${apiVersion}/${path}`;

/** Query parameters of a first page. Products cannot be sorted by REST; a walk by page marks meets each once all the same. */
const firstQuery = (resource: ResourceCode, since: Date | null): Record<string, string | undefined> => ({
  limit: pageSize,
  updated_at_min: since?.toISOString(),
  ...(resource === 'orders' || resource === 'checkouts' ? { status: 'any' } : {}),
  ...(resource === 'orders' || resource === 'customers' ? { order: 'updated_at asc' } : {}),
});

const itemOf = (payload: Record<string, unknown>): Item => {
  const token = typeof payload.token === 'string' && 'abandoned_checkout_url' in payload ? payload.token : null;
  return {
    id: token || String(payload.id),
    updatedAt: new Date(String(payload.updated_at ?? payload.created_at)),
    payload,
  };
};

const poll: Connector['poll'] = async (access, resource, { since, page }): Promise<Page> => {
  // A page mark carries the filters of its first page; Shopify refuses others beside it.
  const query = page === null ? firstQuery(resource, since) : { limit: pageSize, page_info: page };
  const { headers, json, observedAt } = await call(access, 'GET', api(`${resource}.json`), { query });
  const records = json[resource];
  if (!Array.isArray(records))
    throw new ConnectorError('bad_answer', `Shopify’s answer names no ${resource}. Check the shop’s address.`);
  return { items: records.map(itemOf), next: nextPage(headers.link), observedAt };
};

const count: Connector['count'] = async (access, resource) => {
  const query = resource === 'orders' || resource === 'checkouts' ? { status: 'any' } : {};
  const { json } = await call(access, 'GET', api(`${resource}/count.json`), { query });
  return typeof json.count === 'number' ? json.count : null;
};

const one: Record<ResourceCode, string> = { orders: 'order', customers: 'customer', products: 'product', checkouts: 'checkout' };

const fetchRecord: Connector['fetch'] = async (access, resource, id) => {
  if (!/^\d+$/.test(id)) return null;
  try {
    const { json, observedAt } = await call(access, 'GET', api(`${resource}/${id}.json`));
    return { ...itemOf(json[one[resource]] as Record<string, unknown>), observedAt };
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return null;
    throw error;
  }
};

const test: Connector['test'] = async access => {
  const { json } = await call(access, 'GET', api('shop.json'));
  const shop = json.shop as Record<string, unknown> | undefined;
  if (!shop) throw new ConnectorError('bad_answer', 'What answered is not Shopify’s API. Check the shop’s address.');
  const granted = await call(access, 'GET', 'oauth/access_scopes.json');
  const held = new Set(((granted.json.access_scopes as { handle: string }[]) ?? []).map(scope => scope.handle));
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  return {
    name: text(shop.name) ?? access.settings.shop,
    address: text(shop.myshopify_domain) ?? access.settings.shop,
    currency: text(shop.currency),
    zone: text(shop.iana_timezone),
    missing: scopes.filter(scope => !held.has(scope)),
  };
};

// ---- the daily comparison ----------------------------------------------------------------------------------------------

const summaryFields =
  'id,name,created_at,cancelled_at,financial_status,test,currency,total_price,current_subtotal_price,taxes_included,line_items,refunds';

type Amount = { price: string };
type Summary = Record<string, unknown> & {
  line_items?: {
    id: unknown;
    price: string;
    quantity: number;
    gift_card?: boolean;
    tip?: unknown;
    tax_lines?: Amount[];
    discount_allocations?: { amount: string }[];
  }[];
  refunds?: { refund_line_items?: { line_item_id: unknown; subtotal: unknown; total_tax: unknown }[] }[];
};

/** From Shopify's own sums; only what its subtotal counts and ours does not (gift cards, tips, tax within prices) is taken off. */
const sumOf = (order: Summary): OrderSum => {
  const currency = String(order.currency);
  const minor = (value: unknown) => toMinor(String(value ?? '0'), currency);
  const total = (amounts: readonly unknown[]) => amounts.reduce<number>((sum, amount) => sum + minor(amount), 0);
  const taken = (order.refunds ?? []).flatMap(refund => refund.refund_line_items ?? []);
  let net = minor(order.current_subtotal_price);
  for (const line of order.line_items ?? []) {
    const back = taken.filter(one => String(one.line_item_id) === String(line.id));
    const gross = lineTotalMinor(String(line.quantity), line.price, currency);
    const given = total((line.discount_allocations ?? []).map(one => one.amount));
    if (line.gift_card || (line.tip !== null && line.tip !== undefined))
      net -= gross - given - total(back.map(one => one.subtotal));
    else if (order.taxes_included)
      net -= total((line.tax_lines ?? []).map(tax => tax.price)) - total(back.map(one => one.total_tax));
  }
  const isVoid = ['voided', 'expired'].includes(String(order.financial_status ?? ''));
  return {
    id: String(order.id),
    number: String(order.name),
    placedAt: new Date(String(order.created_at)),
    counts: !order.cancelled_at && !isVoid && order.test !== true,
    grossMinor: minor(order.total_price),
    netMinor: net,
  };
};

const orderSums: Connector['orderSums'] = async (access: Access, from, until) => {
  const sums: OrderSum[] = [];
  let query: Record<string, string | undefined> = {
    status: 'any',
    limit: pageSize,
    created_at_min: from.toISOString(),
    created_at_max: new Date(until.getTime() - 1).toISOString(),
    fields: summaryFields,
  };
  for (;;) {
    const { headers, json } = await call(access, 'GET', api('orders.json'), { query });
    for (const order of (json.orders as Summary[]) ?? []) sums.push(sumOf(order));
    const next = nextPage(headers.link);
    if (next === null) return sums;
    query = { limit: pageSize, page_info: next, fields: summaryFields };
  }
};

export const shopify: Connector = {
  kind: 'shopify',
  label: 'Shopify',
  fields: [
    { code: 'shop', kind: 'text', required: true, placeholder: 'my-shop.myshopify.com', normalise: shopAddress },
    { code: 'client_id', kind: 'text', required: false },
    { code: 'client_secret', kind: 'secret', required: true },
    { code: 'access_token', kind: 'secret', required: false },
  ],
  steps: 5,
  guide: 'docs/guides/shopify.md',
  resources: [
    { code: 'customers', every_seconds: 120, overlap_seconds: 300, complete: true },
    { code: 'products', every_seconds: 600, overlap_seconds: 300, complete: true },
    { code: 'orders', every_seconds: 120, overlap_seconds: 300, complete: true },
    { code: 'checkouts', every_seconds: 120, overlap_seconds: 300, complete: false },
  ],
  test,
  poll,
  count,
  fetch: fetchRecord,
  translate: (resource, payload, { settings }) => translate(resource, payload, settings.currency),
  orderSums,
  webhooks,
  writeBack,
};
