/**
 * What an order is, whatever brought it (file, webhook, API, Segment event). Pure: no I/O.
 */

export const lineKinds = ['product', 'shipping', 'fee', 'discount', 'gift_card', 'tip'] as const;
export type LineKind = (typeof lineKinds)[number];

export type LineInput = {
  /** The source's own line id, where it has one; else lines are told apart by their position. */
  outsideId?: string | null;
  kind: LineKind;
  sku: string | null;
  name: string | null;
  /** Category as the source names it, kept on the product. */
  category?: string | null;
  /** Decimal text, digit-exact; negative only on a line that takes goods back. */
  quantity: string;
  /** Decimal text per unit in the order's currency; below a cent is allowed. */
  unitPrice: string;
  /** Discount given on the line, minor units, positive. */
  discountMinor: number;
  /** Stated total of the line after discount, without tax, minor units; null = quantity x unit price - discount, rounded half away from zero. */
  totalMinor: number | null;
};

export type RefundInput = {
  outsideId: string | null;
  at: Date;
  amountMinor: number;
  lines: { sku: string | null; quantity: string; amountMinor: number }[];
};

export type OrderInput = {
  shopId: string;
  /** The number people read, unique within the shop. */
  number: string;
  /** The source's own id, digit-exact text. */
  outsideId?: string | null;
  placedAt: Date;
  /** null: an order without a customer (never one customer per order). */
  customerId: number | null;
  currency: string;
  country?: string | null;
  state: 'placed' | 'cancelled';
  cancelledAt?: Date | null;
  test?: boolean;
  /** Totals the shop states are stored as stated, never recomputed; null = sum of the lines. */
  totalMinor?: number | null;
  taxMinor?: number | null;
  discountCodes?: string[];
  /** Which cart or checkout it came of, from `cartRefs({ cartId, checkoutIds })`: that cart is converted. */
  cartRefs?: readonly string[];
  lines: LineInput[];
  refunds: RefundInput[];
  /** Newer state wins; older input changes nothing. */
  updatedAt?: Date | null;
};

/** What `recordOrders` did with one input, in the input's order. */
export type OrderOutcome = { number: string; orderId: string; outcome: 'created' | 'changed' | 'same' | 'older' };
export type RecordOrdersOptions = {
  source: string;
  importId: string | null;
  historical: boolean;
  /**
   * "whole": the input is the full order (a connection, an API call). "part": lines of one order may come in several portions of one
   * import; lines already there (same import line key) are the same line.
   */
  lines: 'whole' | 'part';
  /**
   * "whole": the input names every refund the order has (a connection that has asked the shop). Those of others (a refund a file told of
   * without its day, one that the shop has deleted since) go. Default: refunds are added.
   */
  refunds?: 'whole' | 'added';
};
