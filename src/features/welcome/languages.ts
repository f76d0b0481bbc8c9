/** Languages the public page speaks; another one is a file in texts/ and a line here. */
import { openTexts, type Texts } from '../../platform/texts.ts';
import { de } from './texts/de.ts';
import { en } from './texts/en.ts';
import { page } from './texts/page.ts';

const resources = { en: { ...en, ...page }, de };
export const languages = Object.keys(resources) as (keyof typeof resources)[];
export type Language = keyof typeof resources;

const opened = new Map<string, Texts>();
/** English fills the gaps of other languages. */
export const textsIn = (language: Language): Texts => {
  const known = opened.get(language) ?? openTexts(resources, language);
  opened.set(language, known);
  return known;
};

/** What was asked for, else the first of Accept-Language that there is, else what the customer is known to read, else English. */
export const chooseLanguage = (asked: string | undefined, accepted: string | undefined, known: string | null): Language => {
  const wanted = [asked, ...(accepted ?? '').split(',').map(part => part.split(';')[0]?.trim()), known ?? undefined];
  for (const one of wanted) {
    const found = languages.find(language => language === one?.slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return 'en';
};
