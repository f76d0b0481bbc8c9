/** JSON as PHP's json_encode writes it: slashes and everything beyond ASCII escaped, integers of any length as digits. */
export type Row = Record<string, unknown>;

const big = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `\u0001${value}\u0001` : value);

export const php = (value: unknown): string =>
  JSON.stringify(value, big)
    .replace(/"\\u0001(\d+)\\u0001"/g, '$1')
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
