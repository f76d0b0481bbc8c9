/** Sentences the server itself writes down: task titles, what a delivery waits for, why one was refused. */
import { openTexts } from '../../platform/texts.ts';
import { en } from './texts/en.ts';

const texts = openTexts({ en: en as Record<string, string> });

export const say = (key: keyof typeof en | (string & {}), values?: Record<string, string | number>): string =>
  texts.text(key, values);
