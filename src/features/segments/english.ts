import { openTexts } from '../../platform/texts.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as orders } from '../orders/index.ts';
import { type Phrase, writePhrase, writerFor } from './phrase.ts';
import { en } from './texts/en.ts';

const texts = openTexts({ en: { ...customers.texts, ...consent.texts, ...orders.texts, ...en } });
/** A fact of a later feature has its label elsewhere: its code says enough here. */
const text = (key: string, values?: Record<string, string | number>): string =>
  texts.has(key) || values ? texts.text(key, values) : key.replace('.fact', '');

/** A phrase in English, for callers of the API; the admin writes phrases in the reader's language. */
export const inEnglish = (phrase: Phrase, currency: string): string => writePhrase(phrase, writerFor(text, 'en-GB', currency));
