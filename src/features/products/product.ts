/** What one look at a sold item says about a product. Pure: no I/O. */

/** An item as an order line, a feed or a connection shows it. */
export type SeenItem = {
  sku: string;
  name: string | null;
  category: string | null;
  /** Decimal text per unit, digit-exact; null or "0" says nothing about the price. */
  price: string | null;
  currency: string;
  at: Date;
};

/** All sightings of one SKU in a portion, folded: the newest name, category and price that say something. */
export type VariantSighting = {
  sku: string;
  name: string | null;
  category: string | null;
  price: string | null;
  currency: string;
  firstAt: number;
  lastAt: number;
};
export type PriceSighting = { sku: string; currency: string; price: string; firstAt: number; lastAt: number };

/** "2.50" and "2.5" are one price. */
export const plainPrice = (price: string): string => (price.includes('.') ? price.replace(/\.?0+$/, '') : price);

const says = (text: string | null): text is string => text !== null && text.trim() !== '';
const isPrice = (price: string | null): price is string => price !== null && !price.startsWith('-') && !/^0*\.?0*$/.test(price);

/** One row per SKU and one per (SKU, currency, price), both sorted by key so that bulk writes take their locks in one order. */
export const foldSightings = (items: readonly SeenItem[]): { variants: VariantSighting[]; prices: PriceSighting[] } => {
  const variants = new Map<string, VariantSighting & { namedAt: number; filedAt: number; pricedAt: number }>();
  const prices = new Map<string, PriceSighting>();
  for (const item of items) {
    const at = item.at.getTime();
    let variant = variants.get(item.sku);
    if (!variant) {
      variant = {
        sku: item.sku,
        name: null,
        category: null,
        price: null,
        currency: item.currency,
        firstAt: at,
        lastAt: at,
        namedAt: -Infinity,
        filedAt: -Infinity,
        pricedAt: -Infinity,
      };
      variants.set(item.sku, variant);
    }
    if (at < variant.firstAt) variant.firstAt = at;
    if (at > variant.lastAt) variant.lastAt = at;
    if (says(item.name) && at >= variant.namedAt) {
      variant.name = item.name.trim();
      variant.namedAt = at;
    }
    if (says(item.category) && at >= variant.filedAt) {
      variant.category = item.category.trim();
      variant.filedAt = at;
    }
    if (!isPrice(item.price)) continue;
    const price = plainPrice(item.price);
    if (at >= variant.pricedAt) {
      variant.price = price;
      variant.currency = item.currency;
      variant.pricedAt = at;
    }
    const key = `${item.sku}\u0000${item.currency}\u0000${price}`;
    const seen = prices.get(key);
    if (!seen) prices.set(key, { sku: item.sku, currency: item.currency, price, firstAt: at, lastAt: at });
    else {
      if (at < seen.firstAt) seen.firstAt = at;
      if (at > seen.lastAt) seen.lastAt = at;
    }
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return {
    variants: [...variants.values()].sort((a, b) => order(a.sku, b.sku)),
    prices: [...prices.entries()].sort((a, b) => order(a[0], b[0])).map(entry => entry[1]),
  };
};
