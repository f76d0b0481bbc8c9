/**
 * Codes in an order file that are no goods: postage, bank charges, fees. They count as sales unless the merchant says otherwise, because silently
 * leaving them out would make the totals differ from the merchant's own; the dry run points them out.
 */
import type { LineKind } from './order.ts';

const shipping =
  /^(post(age)?|dot(com)?( postage)?|c2|carriage|ship(ping)?|delivery|freight|versand|porto|fracht|livraison|frais de port|envio|spedizione|verzending)$/i;
const fee = /^(m|manual|fees?|handling|surcharge|bank charges?|amazon ?fee|adjust(ment)?\d*|geb(ü|ue)hr|frais|commissione?)$/i;

/** What a code looks like, or null for goods. */
export const guessLineKind = (code: string): Extract<LineKind, 'shipping' | 'fee'> | null =>
  shipping.test(code.trim()) ? 'shipping' : fee.test(code.trim()) ? 'fee' : null;

/** The codes a merchant typed ("POST, DOT"), ready to look lines up by: what such a line is instead of a product. */
export const notSalesBy = (typed: string): ((code: string | null) => LineKind) => {
  const codes = new Set(
    typed
      .split(/[,;\n]/)
      .map(one => one.trim().toUpperCase())
      .filter(one => one !== ''),
  );
  return code => (code !== null && codes.has(code.trim().toUpperCase()) ? (guessLineKind(code) ?? 'fee') : 'product');
};
