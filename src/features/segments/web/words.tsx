/** Phrases in the reader's language and formats. */
import { formatMoney, formatNumber, formatTime, useTexts } from '../../../ui/index.ts';
import { type Phrase, writePhrase } from '../phrase.ts';

/** Writes phrases of the server; money is in `currency`. */
export const useWords = (currency: string): ((phrase: unknown) => string) => {
  const t = useTexts();
  return phrase =>
    writePhrase(phrase as Phrase, {
      text: (key, values) => t(key, values),
      // A round sum reads better without its zeros.
      money: amount_minor => formatMoney({ amount_minor, currency }, amount_minor % 100 === 0 ? 'round' : 'exact'),
      day: day => formatTime(day, 'day'),
      number: value => formatNumber(value, 4),
    });
};

/** The sentence of a definition; nothing personal in it, but names that others typed. */
export const Sentence = ({ phrase, currency }: { phrase: unknown; currency: string }) => {
  const words = useWords(currency);
  return <bdi>{words(phrase)}</bdi>;
};

/** Whether a condition stands inside an odd number of BUT NOTs. */
export const isTurned = (path: string): boolean => path.split('.').filter(part => part === 'not').length % 2 === 1;
