/** What holds for every order of a WooCommerce shop, whether its API or a file of it is read. Pure. */

/**
 * placed: a sale (on-hold waits for a bank transfer, and counts as in WooCommerce's own Analytics; so do statuses of plugins).
 * cancelled: kept, no sale. unpaid: somebody at the checkout, no order yet. draft: being typed, nothing.
 */
export type WooStanding = 'placed' | 'cancelled' | 'unpaid' | 'draft';

const standings: Record<Exclude<WooStanding, 'placed'>, readonly string[]> = {
  // As slugs, and as files write them: English, German, French, Spanish, Italian, Dutch, Polish, Portuguese, Swedish.
  unpaid: [
    ...['pending', 'pending-payment', 'zahlung-ausstehend', 'ausstehende-zahlung', 'attente-paiement', 'en-attente-de-paiement'],
    ...['pendiente-de-pago', 'in-attesa-di-pagamento', 'wacht-op-betaling', 'wachtend-op-betaling', 'oczekujace-na-platnosc'],
    ...[
      'pagamento-pendente',
      'aguardando-pagamento',
      'vantar-pa-betalning',
      'failed',
      'fehlgeschlagen',
      'echouee',
      'echoue',
      'fallido',
    ],
    ...['fallito', 'mislukt', 'nieudane', 'malsucedido', 'falhado', 'misslyckades', 'checkout-draft'],
  ],
  cancelled: [
    ...[
      'cancelled',
      'canceled',
      'storniert',
      'annulee',
      'annule',
      'cancelado',
      'annullato',
      'cancellato',
      'geannuleerd',
      'anulowane',
    ],
    ...['avbruten', 'trash'],
  ],
  draft: ['draft', 'auto-draft', 'new', 'entwurf', 'brouillon', 'borrador', 'bozza', 'concept', 'szkic', 'rascunho', 'utkast'],
};
const byStatus = new Map<string, WooStanding>(
  Object.entries(standings).flatMap(([standing, statuses]) => statuses.map(status => [status, standing as WooStanding] as const)),
);

/** "wc-on-hold", "On hold" and "on-hold" are one status. */
export const wooStandingOf = (status: string): WooStanding =>
  byStatus.get(
    status
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/ł/gi, 'l')
      .trim()
      .toLowerCase()
      .replace(/^wc-/, '')
      .replace(/[\s_]+/g, '-'),
  ) ?? 'placed';

/** A product without SKU goes by WooCommerce's own notation for it ("id:794", as in its product file). */
export const wooSkuOf = (line: { sku: string; product_id?: string | null; variation_id?: string | null }): string | null => {
  if (line.sku.trim() !== '') return line.sku.trim();
  const known = [line.variation_id, line.product_id].find(one => one && one !== '0');
  return known ? `id:${known}` : null;
};

/** "12.00" for 2 -> "6"; up to six places, rounded half away from zero. Both are decimal text. */
export const wooUnitPrice = (total: string, quantity: string): string => {
  const [units, scale] = scaled(total);
  const [count, countScale] = scaled(quantity);
  if (count === 0n) return written(units, scale);
  const places = 6;
  const top = units * 10n ** BigInt(places + countScale);
  const bottom = count * 10n ** BigInt(scale);
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const rounded = (a * 2n + b) / (b * 2n);
  return written(top < 0n !== bottom < 0n ? -rounded : rounded, places);
};

const scaled = (decimal: string): [bigint, number] => {
  const [whole, fraction = ''] = decimal.split('.');
  return [BigInt(`${whole}${fraction}`), fraction.length];
};
const written = (units: bigint, scale: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
/** "2.50" -> "2.5", so that a file and the API write one quantity one way. */
export const wooDecimal = (decimal: string): string => written(...scaled(decimal));
