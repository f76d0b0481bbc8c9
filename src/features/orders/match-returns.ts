/** Which earlier purchases a return takes back. Pure. */

export type ReturnedLine = { key: string; sku: string | null; quantity: string; unitPrice: string; amountMinor: number };
export type ReturnToMatch = {
  number: string;
  customerId: number | null;
  currency: string;
  at: Date;
  lines: readonly ReturnedLine[];
};
/** What is left of one SKU in one order of a customer. */
export type Purchase = {
  customerId: number;
  order: string;
  currency: string;
  placedAt: Date;
  sku: string;
  left: number;
  prices: readonly string[];
};
export type MatchedLine = { sku: string; quantity: number; amountMinor: number };
export type Match = { number: string; order: string; lines: MatchedLine[] };
export type Leftover = { number: string; line: ReturnedLine; quantity: number; amountMinor: number };

/**
 * Goes through returns in the order they happened. Each line takes from the customer's latest earlier purchases of that SKU, those at the
 * same price first, never more than was bought; what finds none is left over. Changes `left` of the purchases it takes from.
 */
export const matchReturns = (
  returns: readonly ReturnToMatch[],
  purchases: readonly Purchase[],
): { matches: Match[]; leftovers: Leftover[] } => {
  const bySku = new Map<string, Purchase[]>();
  for (const purchase of purchases) {
    const key = `${purchase.customerId}\u0000${purchase.sku}`;
    const list = bySku.get(key);
    if (list) list.push(purchase);
    else bySku.set(key, [purchase]);
  }
  const matches = new Map<string, Match>();
  const leftovers: Leftover[] = [];
  for (const one of [...returns].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    for (const line of one.lines) {
      const wanted = Number(line.quantity);
      const fitting = (line.sku === null ? [] : (bySku.get(`${one.customerId}\u0000${line.sku}`) ?? [])).filter(
        purchase => purchase.left > 0 && purchase.placedAt <= one.at && purchase.currency === one.currency,
      );
      const samePrice = (purchase: Purchase) => (purchase.prices.some(price => Number(price) === Number(line.unitPrice)) ? 1 : 0);
      fitting.sort(
        (a, b) => samePrice(b) - samePrice(a) || b.placedAt.getTime() - a.placedAt.getTime() || (a.order < b.order ? 1 : -1),
      );
      let open = wanted;
      let openMinor = line.amountMinor;
      for (const purchase of fitting) {
        if (open <= 0) break;
        const taken = Math.min(open, purchase.left);
        const amountMinor = taken === open ? openMinor : Math.round((line.amountMinor * taken) / wanted);
        purchase.left -= taken;
        open -= taken;
        openMinor -= amountMinor;
        const key = `${one.number}\u0000${purchase.order}`;
        const match = matches.get(key) ?? { number: one.number, order: purchase.order, lines: [] };
        match.lines.push({ sku: purchase.sku, quantity: taken, amountMinor });
        matches.set(key, match);
      }
      if (open > 0) leftovers.push({ number: one.number, line, quantity: open, amountMinor: openMinor });
    }
  }
  return { matches: [...matches.values()], leftovers };
};
