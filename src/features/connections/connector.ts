/**
 * What an outside system is: one folder that describes itself. The core (door, polling, backfill, write-back, comparison, pages) reads this
 * one value and knows no vendor. A connector does no SQL: it asks the outside system and says, in the words below (`Told`), what it learnt.
 */
import type { Context } from '../../platform/context.ts';
import type { ConsentState } from '../consent/index.ts';
import type { OrderInput, RefundInput } from '../orders/index.ts';
import type { SeenItem } from '../products/index.ts';

/** One field of the set-up form. Texts are keys `connections.<kind>.field.<code>` and `..._hint`. */
export type Field = {
  code: string;
  /** secret: sealed, shown as last four and date only. */
  kind: 'text' | 'secret';
  required: boolean;
  placeholder?: string;
  /** Brings what people paste into its normal form ("https://My-Shop.myshopify.com/admin" -> "my-shop.myshopify.com"); throws a Refusal. */
  normalise?: (value: string) => string;
};

/** What a connector may use of the house: the way out, the clock, the log. */
export type Out = Pick<Context, 'config' | 'clock' | 'log'>;

/** An open line to one outside system. */
export type Access = {
  out: Out;
  connectionId: string;
  settings: Readonly<Record<string, string>>;
  /** The secrets in force, by field code. */
  secrets: Readonly<Record<string, string>>;
  /** Changes whenever a secret does: a key for tokens kept in memory. */
  secretsVersion: string;
};

/** What the outside system says about itself when the connection is tested. */
export type About = {
  name: string;
  /** What identifies it: its address. */
  address: string;
  currency: string | null;
  zone: string | null;
  /** Rights that are missing, as the vendor names them; what cannot be done without them is said by the text `<kind>.scope.<name>`. */
  missing: string[];
};

/** The kinds of record a connection can bring. */
export const resourceCodes = ['customers', 'products', 'orders', 'checkouts'] as const;
export type ResourceCode = (typeof resourceCodes)[number];

export type Resource = {
  code: ResourceCode;
  /** Seconds between two polls while nothing is wrong. */
  every_seconds: number;
  /** How far before the last seen updated_at each poll looks again. */
  overlap_seconds: number;
  /** False where the outside system lists only part of them (abandoned checkouts), so that one that is missing is not gone. */
  complete: boolean;
};

/** One record as the outside system's API gave it; `id` digit-exact text. */
export type Item = { id: string; updatedAt: Date; payload: Record<string, unknown> };
export type Page = {
  items: Item[];
  /** Mark of the next page; null = that was the last. */
  next: string | null;
  /** When the outside system answered, by its own clock where it tells (never later than the truth). */
  observedAt: Date;
};

// ---- what was learnt ---------------------------------------------------------------------------------------------------

/** The person behind an order or checkout. `id`: the shop's customer id; null = a guest. */
export type Buyer = { id: string | null; email: string | null; phone: string | null; traits: Record<string, unknown> };
export type ConsentTold = { channel: 'email' | 'sms'; state: ConsentState; at: Date };
export type CustomerTold = Buyer & {
  kind: 'customer';
  id: string;
  createdAt: Date;
  updatedAt: Date;
  /** The whole set; null = this form of the record does not say. */
  tags: string[] | null;
  consents: ConsentTold[];
};
export type FulfilmentTold = {
  /** The shipment's own id. */
  id: string;
  at: Date;
  updatedAt: Date;
  /** What the carrier says: "in_transit", "out_for_delivery", "delivered", "failure"...; null = nothing yet. */
  shipmentStatus: string | null;
  company: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
  skus: string[];
};
export type OrderTold = {
  kind: 'order';
  id: string;
  updatedAt: Date;
  buyer: Buyer | null;
  order: Omit<OrderInput, 'shopId' | 'customerId' | 'outsideId' | 'updatedAt'>;
  fulfilments: FulfilmentTold[];
  refs?: CartRefs;
  /** What the buyer allowed with this order; heard when the order is first met. */
  consents?: ConsentTold[];
  /** No order yet, or no more: one that is held is brought to this state, none is made. */
  onlyKnown?: true;
};
export type ProductTold = {
  kind: 'product';
  id: string;
  createdAt: Date | null;
  updatedAt: Date;
  /** Variants without a SKU are left out: products are known by it. */
  variants: Omit<SeenItem, 'at'>[];
};
export type CheckoutTold = {
  kind: 'checkout';
  id: string;
  createdAt: Date;
  updatedAt: Date;
  buyer: Buyer | null;
  /** The shopper has typed an e-mail address into it. */
  emailKnown: boolean;
  currency: string;
  /** What the items are worth as the shop states it, minor units. */
  valueMinor: number | null;
  coupon: string | null;
  /** Leads the shopper back to it. */
  url: string | null;
  /** It became an order. */
  completedAt: Date | null;
  refs: CartRefs;
  lines: {
    productId: string | null;
    variantId: string | null;
    sku: string | null;
    name: string | null;
    quantity: number;
    unitPrice: string | null;
  }[];
};
/** Ids by which checkouts, carts and orders of one purchase find each other. */
export type CartRefs = { cartId: string | null; checkoutIds: string[] };

/** All that a payload can tell; applied by the core through the same use cases whether a webhook or a poll brought it. */
export type Told =
  | CustomerTold
  | OrderTold
  | ProductTold
  | CheckoutTold
  | { kind: 'consent'; customerId: string; email: string | null; phone: string | null; consent: ConsentTold }
  | { kind: 'tags'; customerId: string; add: string[]; remove: string[] }
  | { kind: 'refund'; orderId: string; refund: RefundInput }
  | { kind: 'fulfilment'; orderId: string; fulfilment: FulfilmentTold }
  /** It is no more in the outside system. */
  | {
      kind: 'gone';
      resource: ResourceCode;
      id: string;
      /** It was asked for and is not there: that holds whatever the two clocks say. */
      asked?: true;
    }
  /** Two customers of the shop became one there. */
  | { kind: 'merged'; keptId: string; goneId: string }
  /** The payload is too thin: ask the API for the record. */
  | { kind: 'fetch'; resource: ResourceCode; id: string }
  | { kind: 'data_request'; customerId: string | null; email: string | null; reference: string }
  | { kind: 'redact'; customerId: string | null; email: string | null }
  | { kind: 'shop_redact' }
  /** The outside system has thrown us out. */
  | { kind: 'uninstalled' };

// ---- webhooks ----------------------------------------------------------------------------------------------------------

/** Why the door refuses a delivery; counted per connection. */
export const refusalReasons = [
  'unsigned',
  'forged',
  'stale',
  'wrong_shop',
  'unknown_topic',
  'unreadable',
  'too_large',
  'paused',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export type Arrival = { body: Buffer; headers: Readonly<Record<string, string>> };
export type Verdict =
  | {
      ok: true;
      topic: string;
      /** The sender's id of this delivery; a retry carries it again. */
      deliveryId: string | null;
      /** The sender's id of what it tells about; two deliveries of one topic with the same one say the same. */
      eventId: string | null;
      /** When it happened, by the sender's clock; null = the sender does not say. */
      at: Date | null;
      /** A sign of life to be answered with 200 and forgotten (a ping). */
      ping?: true;
    }
  | { ok: false; reason: RefusalReason };

export type Webhooks = {
  /** Headers that are kept beside the body (lower case); nothing else is stored. */
  headers: readonly string[];
  largest_bytes: number;
  /**
   * Judges an arrival: signature over the RAW bytes in constant time (`signedBy`), topic, shop, age. `secrets`: per field code the values that
   * are accepted now, the one in force first; one that was replaced stays for a while. No network, no waiting.
   */
  verify: (
    arrival: Arrival,
    about: { settings: Readonly<Record<string, string>>; secrets: Readonly<Record<string, string[]>>; now: Date },
  ) => Verdict;
  /** What a verified body says; `body` was read with big integers kept as text (`parseExact`). Throws for a body it cannot make sense of. */
  receive: (topic: string, body: unknown, about: { settings: Readonly<Record<string, string>>; at: Date }) => Told[];
  /** Asks the outside system which webhooks it has for us and mends the list; says in how many words ("18 in place, 2 mended"). */
  heal?: (access: Access, address: string) => Promise<{ inPlace: number; mended: number }>;
  /** Takes ours away when the connection ends. */
  remove?: (access: Access, address: string) => Promise<void>;
};

// ---- write-back --------------------------------------------------------------------------------------------------------

export type WriteBack =
  | { what: 'consent'; customerId: string; channel: 'email' | 'sms'; state: ConsentState; at: Date }
  | { what: 'tags'; customerId: string; add: string[]; remove: string[] };
/** "kept_theirs": the shop's own word is newer, or as old and stricter; the core then reads the customer again. */
export type WriteBackOutcome = 'written' | 'same' | 'kept_theirs' | 'gone' | 'not_possible';

/** One order by the outside system's own summary figures, for the daily comparison. Minor units of the shop's currency. */
export type OrderSum = {
  id: string;
  number: string;
  placedAt: Date;
  /** Neither cancelled nor a test. */
  counts: boolean;
  grossMinor: number;
  /** Goods after discount, without tax and shipping, less what was taken back. */
  netMinor: number;
};

export type Connector = {
  /** "shopify": folder, column `kind`, and prefix of its texts (`connections.shopify.*`). */
  kind: string;
  /** The name people know, not translated. */
  label: string;
  fields: readonly Field[];
  /** How many steps the set-up guide has: texts `connections.<kind>.step.1` and on. */
  steps: number;
  guide: string;
  resources: readonly Resource[];
  /** Throws ConnectorError. */
  test: (access: Access) => Promise<About>;
  /**
   * One page of what changed since `since` (null = everything), or the page `page` of a reading begun before. Throws ConnectorError;
   * `code: 'bad_page'` when the mark is no longer good (the reading begins anew).
   */
  poll: (access: Access, resource: ResourceCode, from: { since: Date | null; page: string | null }) => Promise<Page>;
  /** How many records there are; null = it cannot say. */
  count: (access: Access, resource: ResourceCode) => Promise<number | null>;
  /** One record; null = it is not there (any more). */
  fetch: (access: Access, resource: ResourceCode, id: string) => Promise<(Item & { observedAt: Date }) | null>;
  /** What a record of the API says. Pure. */
  translate: (
    resource: ResourceCode,
    payload: Record<string, unknown>,
    about: { settings: Readonly<Record<string, string>> },
  ) => Told[];
  /** Orders placed from `from` until before `until`, by the vendor's own summary figures. */
  orderSums: (access: Access, from: Date, until: Date) => Promise<OrderSum[]>;
  webhooks?: Webhooks;
  /** Write-back begins switched off: the vendor has no place of its own for what is written. */
  writesBackOnlyIfAsked?: true;
  /** Throws ConnectorError when it should be tried again. */
  writeBack?: (access: Access, change: WriteBack) => Promise<WriteBackOutcome>;
};

/** What goes wrong at an outside system, and what to do about it; `message` is a sentence for people. */
export type ConnectorTrouble =
  /** Wrong or withdrawn credentials: nothing helps but new ones. */
  | 'unauthorised'
  /** A right is missing. */
  | 'forbidden'
  | 'not_found'
  /** Asked too often, for longer than one waits. */
  | 'throttled'
  | 'unreachable'
  | 'bad_answer'
  | 'bad_page';
export class ConnectorError extends Error {
  readonly code: ConnectorTrouble;
  /** Earliest next try. */
  readonly retryAfter_seconds: number | null;
  constructor(code: ConnectorTrouble, message: string, retryAfter_seconds: number | null = null) {
    super(message);
    this.name = 'ConnectorError';
    this.code = code;
    this.retryAfter_seconds = retryAfter_seconds;
  }
}
