/**
 * Card numbers never enter: a number that an issuer could have given out and that passes Luhn's check (ISO/IEC 7812-1) is masked
 * wherever it stands in a text. Length and first digits are looked at too, because one in ten of all long ids passes Luhn by chance.
 */

/** Cheap first look at a whole body: is there any run of digits as long as a card number? */
const longRun = /\d(?:[ -]?\d){13,18}/;
/** Not inside a word or a UUID: what stands beside it, even after a hyphen, is no letter and no digit. */
const runs = /(?<![\w.]|\w-)\d(?:[ -]?\d){13,18}(?!\w|-\w)/g;

export const mayHoldCard = (text: string): boolean => longRun.test(text);

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
};

/** [first digits from, to, lengths] of the issuers: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay. */
const issuers: readonly [number, number, readonly number[]][] = [
  [4000, 4999, [16, 19]],
  [5100, 5599, [16]],
  [2221, 2720, [16]],
  [3400, 3499, [15]],
  [3700, 3799, [15]],
  [6011, 6011, [16, 19]],
  [6440, 6599, [16, 19]],
  [3528, 3589, [16]],
  [3000, 3059, [14]],
  [3600, 3699, [14]],
  [3800, 3899, [14]],
  [6200, 6299, [16, 17, 18, 19]],
];

/** Digits only. */
export const isCardNumber = (digits: string): boolean => {
  const first = Number(digits.slice(0, 4));
  return (
    issuers.some(([from, to, lengths]) => first >= from && first <= to && lengths.includes(digits.length)) && passesLuhn(digits)
  );
};

/** The same text with every card number as "•••• 1234". */
export const maskCards = (text: string): string =>
  longRun.test(text)
    ? text.replace(runs, run => {
        const digits = run.replace(/[ -]/g, '');
        return isCardNumber(digits) ? `•••• ${digits.slice(-4)}` : run;
      })
    : text;
