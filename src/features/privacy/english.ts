/** The English words of the features above, for files that are made on the server. */
import { openTexts } from '../../platform/texts.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as desk } from '../desk/index.ts';
import { feature as imports } from '../imports/index.ts';
import { feature as orders } from '../orders/index.ts';
import { feature as predictions } from '../predictions/index.ts';
import { feature as segments } from '../segments/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { en } from './texts/en.ts';

const texts = openTexts({
  en: Object.assign(
    {},
    ...[access, customers, consent, tracking, imports, orders, segments, desk, predictions].map(one => one.texts),
    en,
  ),
});

/** A key of a later feature is told by its last word: "connections.table.delivery" is "Delivery". */
export const sayEnglish = (key: string): string => {
  if (texts.has(key)) return texts.text(key);
  const words = key.split('.').at(-1)!.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
export const hasEnglish = (key: string): boolean => texts.has(key);
