/** What one customer did, day by day; the only thing models read. Days are whole numbers since 1970-01-01 in the organisation's zone. */

/** One purchase day of one customer. */
export type PurchaseDay = {
  day: number;
  /** Net sales of the day at placing, minor units. */
  salesMinor: number;
  /** Products never bought by this customer before that day. */
  newProducts: number;
};
/** Goods taken back, dated when it happened. */
export type ReturnDay = { day: number; amountMinor: number };

export type History = {
  customerId: number;
  /** Sorted by day, each day once, at least one. */
  purchases: PurchaseDay[];
  /** Sorted by day. */
  returns: ReturnDay[];
};

/**
 * What is known of one customer as of the end of a day; nothing later is looked at. These names are the reasons' codes, so each is
 * something a merchant can understand and change in thought.
 */
export type Signals = {
  days_since: number;
  /** Days since the last purchase over the own typical gap: 1 = due now. */
  late: number;
  purchase_days: number;
  tenure_days: number;
  /** Mean net sales of a purchase day, less returns, minor units; never below 0. */
  value_minor: number;
  /** Different products bought. */
  products: number;
  /** Returned money over money bought, 0..1. */
  returned_share: number;
  /** Spread of the own gaps over their mean; 0 = like a clock. */
  irregularity: number;
};
export type SignalName = keyof Signals;

export const signalNames = [
  'late',
  'days_since',
  'purchase_days',
  'tenure_days',
  'value_minor',
  'products',
  'returned_share',
  'irregularity',
] as const satisfies readonly SignalName[];

/** How many of the customer's purchase days lie on or before `day`. */
export const purchaseDaysUntil = (history: History, day: number): number => {
  const { purchases } = history;
  let low = 0;
  let high = purchases.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (purchases[middle]!.day <= day) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * The signals as of the end of `day`. `shopGapDays` (the shop's median gap) stands in for the own gap of people with few purchases: the
 * typical gap is the mean of the own gaps and one gap of the shop's, so that it exists for everybody. null: nothing bought by then.
 */
export const signalsAt = (history: History, day: number, shopGapDays: number): Signals | null => {
  const known = purchaseDaysUntil(history, day);
  if (known === 0) return null;
  const first = history.purchases[0]!.day;
  const last = history.purchases[known - 1]!.day;
  let sales = 0;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < known; i++) {
    const purchase = history.purchases[i]!;
    sales += purchase.salesMinor;
    products += purchase.newProducts;
    if (i > 0) squares += (purchase.day - history.purchases[i - 1]!.day) ** 2;
  }
  let returned = 0;
  for (const one of history.returns) {
    if (one.day > day) break;
    returned += one.amountMinor;
  }
  const gaps = known - 1;
  const typicalGap = Math.max(1, (last - first + shopGapDays) / (gaps + 1));
  const meanGap = gaps > 0 ? (last - first) / gaps : 0;
  const variance = gaps > 1 ? Math.max(0, squares / gaps - meanGap * meanGap) : meanGap * meanGap;
  return {
    days_since: day - last,
    late: (day - last) / typicalGap,
    purchase_days: known,
    tenure_days: day - first,
    value_minor: Math.max(0, (sales - returned) / known),
    products,
    returned_share: sales > 0 ? Math.min(1, Math.max(0, returned / sales)) : 0,
    irregularity: meanGap > 0 ? Math.sqrt(variance) / meanGap : 1,
  };
};
