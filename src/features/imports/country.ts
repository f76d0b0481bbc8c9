/** Country names as files write them -> ISO 3166-1 codes, in the languages shops export in. Pure. */

const languages = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'pt', 'sv', 'da'];
/** Names that no calendar of names knows but shops write. */
const others: Record<string, string> = {
  uk: 'GB',
  großbritannien: 'GB',
  'grande-bretagne': 'GB',
  'gran bretagna': 'GB',
  'gran bretana': 'GB',
  'great britain': 'GB',
  eire: 'IE',
  usa: 'US',
  'united states of america': 'US',
  rsa: 'ZA',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  holland: 'NL',
  'czech republic': 'CZ',
  korea: 'KR',
  uae: 'AE',
};
const nothing = new Set(['', 'unspecified', 'unknown', 'none', 'n/a', 'null', '-']);

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();

let names: Map<string, string> | null = null;
const allNames = (): Map<string, string> => {
  if (names) return names;
  names = new Map(Object.entries(others));
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  for (const language of languages) {
    const display = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
    for (const first of letters) {
      for (const second of letters) {
        const code = first + second;
        const name = isRetired.has(code) ? undefined : display.of(code);
        if (name && !names.has(fold(name))) names.set(fold(name), code);
      }
    }
  }
  return names;
};
/** Codes of countries that are no more, and of no country, whose names would shadow today's. */
const isRetired = new Set([
  'UK',
  'DD',
  'SU',
  'YU',
  'CS',
  'ZR',
  'TP',
  'FX',
  'BU',
  'AN',
  'NT',
  'VD',
  'YD',
  'EU',
  'EZ',
  'UN',
  'XA',
  'XB',
  'ZZ',
  'QO',
  'HV',
  'DY',
  'RH',
  'NH',
  'CT',
  'PC',
  'PU',
  'PZ',
  'MI',
  'WK',
  'JT',
  'FQ',
  'NQ',
]);

/** The same few names stand on every row of a file. */
const remembered = new Map<string, string | null>();
const mostRemembered = 1_000;

/** Code of a country written as a code or a name; the text itself when it is neither; null when it says nothing. */
export const countryOf = (text: string): string | null => {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const code = readCountry(text);
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(text, code);
  return code;
};

const readCountry = (text: string): string | null => {
  const folded = fold(text);
  if (nothing.has(folded)) return null;
  if (/^[a-z]{2}$/.test(folded)) return folded === 'uk' ? 'GB' : folded.toUpperCase();
  return allNames().get(folded) ?? text.trim().slice(0, 100);
};
