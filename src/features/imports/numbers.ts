/** Decimal numbers as files write them. Pure; results are digit-exact text, never floats. */

export type DecimalSign = '.' | ',';

const plain = /^-?\d+(?:\.\d+)?$/;
const symbols = /[\p{Sc}\s\u00a0\u202f']|[A-Z]{3}(?![A-Za-z])|(?:kr|zł|Kč|Ft|lei|лв)\.?$/gu;

/**
 * "1,234.50" -> "1234.50" with decimal sign "."; "1.234,50 €" -> "1234.50" with ","; "(5.00)" and "5-" are negative; null if it is no
 * number. Currency signs, spaces and thousands marks are left out.
 */
export const parseDecimal = (text: string, sign: DecimalSign): string | null => {
  if (sign === '.' && plain.test(text)) return text;
  let rest = text.replace(symbols, '').replace(/^[\u2212\u2013]/, '-');
  let negative = false;
  if (rest.startsWith('(') && rest.endsWith(')')) {
    negative = true;
    rest = rest.slice(1, -1);
  } else if (rest.endsWith('-')) {
    negative = true;
    rest = rest.slice(0, -1);
  }
  if (rest.startsWith('+')) rest = rest.slice(1);
  if (rest.startsWith('-')) {
    negative = !negative;
    rest = rest.slice(1);
  }
  const thousands = sign === '.' ? ',' : '.';
  if (rest.includes(thousands)) {
    // Thousands marks stand before groups of three (or two, in India), never behind the decimal sign.
    const whole = sign === '.' ? /^\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$/ : /^\d{1,3}(\.\d{3})+(,\d*)?$/;
    if (!whole.test(rest)) return null;
    rest = rest.replaceAll(thousands, '');
  }
  if (sign === ',') rest = rest.replace(',', '.');
  const scientific = /^(\d+(?:\.\d+)?)[eE]([+-]?\d{1,2})$/.exec(rest);
  if (scientific) rest = unfold(scientific[1], Number(scientific[2]));
  const match = /^(\d*)(?:\.(\d*))?$/.exec(rest);
  if (!match || (match[1] === '' && !match[2])) return null;
  const value = `${match[1] || '0'}${match[2] ? `.${match[2]}` : ''}`;
  return negative && /[1-9]/.test(value) ? `-${value}` : value;
};

/** "1.25", 3 -> "1250". */
const unfold = (digits: string, exponent: number): string => {
  const [whole, fraction = ''] = digits.split('.');
  if (exponent >= 0)
    return `${whole}${fraction.slice(0, exponent).padEnd(exponent, '0')}${fraction.length > exponent ? `.${fraction.slice(exponent)}` : ''}`;
  const padded = whole.padStart(-exponent + 1, '0');
  return `${padded.slice(0, exponent)}.${padded.slice(exponent)}${fraction}`;
};

/** Canonical form: "6.00" -> "6", "0.50" -> "0.5", "007" -> "7". One number, one text. */
export const canonical = (decimal: string): string => {
  if (/^-?[1-9]\d*$/.test(decimal)) return decimal;
  const negative = decimal.startsWith('-');
  let value = (negative ? decimal.slice(1) : decimal).replace(/^0+(?=\d)/, '');
  if (value.includes('.')) value = value.replace(/\.?0+$/, '');
  return negative && value !== '0' ? `-${value}` : value;
};

export const isNegative = (decimal: string): boolean => decimal.startsWith('-');
export const negate = (decimal: string): string =>
  isNegative(decimal) ? decimal.slice(1) : decimal === '0' ? decimal : `-${decimal}`;

/**
 * Which decimal sign the values speak for. "1.234,50" and "12,5" say ","; "1,234.50" and "12.5" say "."; "1,234" alone says nothing.
 * null: nothing decided it.
 */
export const detectDecimalSign = (values: readonly string[]): DecimalSign | null => {
  let point = 0;
  let comma = 0;
  for (const value of values) {
    const text = value.replace(symbols, '').replace(/^[-+(\u2212]+|[-)]+$/g, '');
    if (!/^[\d.,]+$/.test(text)) continue;
    const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
    if (last === -1) continue;
    const sign = text[last];
    const both = text.includes('.') && text.includes(',');
    const once = text.indexOf(sign) === last;
    // A single mark before exactly three digits may be either; anything else is the decimal sign.
    if (!both && (!once || text.length - last - 1 === 3)) continue;
    if (sign === '.') point++;
    else comma++;
  }
  if (point === 0 && comma === 0) return null;
  return comma > point ? ',' : '.';
};
