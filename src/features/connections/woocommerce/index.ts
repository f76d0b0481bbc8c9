/** WooCommerce: a shop on the merchant's own WordPress. See README.md. */
import { Refusal } from '../../../platform/errors.ts';
import type { Connector } from '../connector.ts';
import { orderSums } from './order-sums.ts';
import { countOf, readOne, readPage } from './read-records.ts';
import { tellRecord } from './told.ts';
import { tryOut } from './try-out.ts';
import { webhooks } from './webhooks.ts';
import { writeBack } from './write-back.ts';

/** "www.shop.example/store/wp-admin/" -> "https://www.shop.example/store". */
export const addressOf = (typed: string): string => {
  const text = typed.trim();
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || `${url.username}${url.password}` !== '' || !/[.:]|localhost/.test(url.host))
    throw new Refusal(
      'refused',
      'connections.address',
      'This is not the address of a shop. Write it as in the browser: https://shop.example.',
    );
  const path = url.pathname.replace(/\/(wp-admin|wp-json|wp-login\.php)(\/.*)?$/, '').replace(/\/+$/, '');
  return `${url.protocol}//${url.host}${path}`;
};

export const woocommerce: Connector = {
  kind: 'woocommerce',
  label: 'WooCommerce',
  fields: [
    { code: 'address', kind: 'text', required: true, placeholder: 'https://shop.example', normalise: addressOf },
    { code: 'consumer_key', kind: 'secret', required: true, placeholder: 'ck_' },
    { code: 'consumer_secret', kind: 'secret', required: true, placeholder: 'cs_' },
    { code: 'webhook_secret', kind: 'secret', required: false },
  ],
  steps: 5,
  guide: 'docs/guides/woocommerce.md',
  resources: [
    { code: 'customers', every_seconds: 600, overlap_seconds: 3600, complete: true },
    { code: 'products', every_seconds: 900, overlap_seconds: 600, complete: true },
    { code: 'orders', every_seconds: 120, overlap_seconds: 600, complete: true },
  ],
  test: tryOut,
  poll: readPage,
  count: countOf,
  fetch: readOne,
  translate: tellRecord,
  orderSums,
  webhooks,
  writesBackOnlyIfAsked: true,
  writeBack,
};
