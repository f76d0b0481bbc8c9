/** Money is integers in minor units; decimals from outside stay text until they are multiplied exactly here. */

const digitsCache = new Map<string, number>();

/** Digits after the point in a currency's usual unit (ISO 4217): EUR 2, JPY 0, KWD 3. */
export const minorDigits = (currency: string): number => {
  const known = digitsCache.get(currency);
  if (known !== undefined) return known;
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digitsCache.set(currency, digits);
  return digits;
};

/** Whether `text` is a currency the platform knows. */
export const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text) && Intl.supportedValuesOf('currency').includes(text);

type Decimal = { units: bigint; scale: number };

const parseDecimal = (text: string): Decimal => {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match || (match[2] === '' && !match[3])) throw new RangeError(`"${text}" is not a decimal number.`);
  const fraction = match[3] ?? '';
  const units = BigInt(`${match[2]}${fraction}` || '0');
  return { units: match[1] ? -units : units, scale: fraction.length };
};

/** Divides by 10^places, rounding half away from zero. */
const roundOff = (units: bigint, places: number): bigint => {
  if (places <= 0) return units * 10n ** BigInt(-places);
  const step = 10n ** BigInt(places);
  const half = step / 2n;
  return units >= 0n ? (units + half) / step : -((-units + half) / step);
};

/** Decimal text in whole units ("19.99") -> minor units (1999), rounded half away from zero. */
export const toMinor = (text: string, currency: string): number => {
  const { units, scale } = parseDecimal(text);
  return Number(roundOff(units, scale - minorDigits(currency)));
};

/** quantity x unit price in minor units, exact until the one rounding (half away from zero). Both are decimal text. */
export const lineTotalMinor = (quantity: string, unitPrice: string, currency: string): number => {
  const a = parseDecimal(quantity);
  const b = parseDecimal(unitPrice);
  return Number(roundOff(a.units * b.units, a.scale + b.scale - minorDigits(currency)));
};

/** Minor units of one currency in minor units of another; `rate` is decimal text: units of `to` for one unit of `from`. */
export const convertMinor = (amountMinor: number, from: string, to: string, rate: string): number => {
  const { units, scale } = parseDecimal(rate);
  return Number(roundOff(BigInt(amountMinor) * units, minorDigits(from) + scale - minorDigits(to)));
};
