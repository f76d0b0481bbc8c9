/** What an event's properties say to a person who reads a timeline: one line, and a few details. Pure. */
import { flattenProperties } from './properties.ts';

export type Told = { body: string | null; details: { label: string; value: string }[] };

const mostDetails = 6;
const longest = 200;
const mostProducts = 3;

/** What machines need and people do not. */
const noise =
  /(^|\.)(url|image_url|referrer|search|path|part|cart_id|checkout_id|cart_url|product_id|position|list_id|messageId)$/;

export const tellEvent = (name: string, properties: Record<string, unknown>): Told => {
  const body = lines[name]?.(properties)?.slice(0, longest) || null;
  // The line says it all where there is one.
  if (body !== null) return { body, details: [] };
  const { text, number } = flattenProperties(properties);
  const all = [...Object.entries(text), ...Object.entries(number)];
  const worth = all.filter(([label]) => !noise.test(label));
  return {
    body: null,
    details: (worth.length > 0 ? worth : all)
      .slice(0, mostDetails)
      .map(([label, value]) => ({ label, value: String(value).slice(0, longest) })),
  };
};

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const product = (properties: Record<string, unknown>): string => {
  const named = word(properties.name) || word(properties.sku) || word(properties.product_id);
  const quantity = Number(properties.quantity);
  return named !== '' && quantity > 1 ? `${quantity} × ${named}` : named;
};
const products = (properties: Record<string, unknown>): string => {
  const list = Array.isArray(properties.products) ? properties.products : [];
  const named = list
    .map(one => (typeof one === 'object' && one !== null ? product(one as Record<string, unknown>) : ''))
    .filter(Boolean);
  return named.slice(0, mostProducts).join(', ') + (named.length > mostProducts ? ` +${named.length - mostProducts}` : '');
};
const place = (properties: Record<string, unknown>): string =>
  word(properties.title) || word(properties.path) || word(properties.url);
const stay = (seconds: number): string => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`);

/** A view carries seconds once the page was left. */
const pageAndStay = (properties: Record<string, unknown>): string => {
  const seconds = Number(properties.seconds);
  return seconds > 0 ? `${place(properties)} · ${stay(Math.round(seconds))}` : place(properties);
};

const lines: Record<string, (properties: Record<string, unknown>) => string> = {
  'Page Viewed': pageAndStay,
  'Page Left': pageAndStay,
  'Product Viewed': product,
  'Product Added': product,
  'Product Removed': product,
  'Product Added to Wishlist': product,
  'Product Shared': product,
  'Products Searched': properties => (word(properties.query) ? `“${word(properties.query)}”` : ''),
  'Product List Viewed': properties => word(properties.category) || word(properties.list_id),
  'Cart Viewed': products,
  'Checkout Started': products,
  'Consent Changed': properties =>
    [word(properties.purpose), word(properties.channel), word(properties.state)].filter(Boolean).join(' · '),
  'Coupon Applied': properties => word(properties.coupon_name) || word(properties.coupon) || word(properties.coupon_id),
};
