/**
 * A sentence as code + values, so that every reader gets it in their own language and number format (decisions 20). Pure.
 */
export type PhraseValue =
  | string
  | number
  | Phrase
  /** Minor units of the home currency. */
  | { money: number }
  | { day: string }
  /** A text key whose text is the value (the label of a fact). */
  | { text: string }
  | { list: readonly PhraseValue[]; join: 'and' | 'or' };
export type Phrase = { key: string; values?: Record<string, PhraseValue> };

export type PhraseWriter = {
  text: (key: string, values?: Record<string, string | number>) => string;
  money: (amountMinor: number) => string;
  day: (day: string) => string;
  number: (value: number) => string;
};

/** Writes a phrase out; `count` stays a number, because plural forms hang on it. */
export const writePhrase = (phrase: Phrase, writer: PhraseWriter): string => {
  const values = Object.entries(phrase.values ?? {}).map(([name, value]): [string, string | number] => [
    name,
    name === 'count' && typeof value === 'number' ? value : writeValue(value, writer),
  ]);
  return writer.text(phrase.key, Object.fromEntries(values));
};

const writeValue = (value: PhraseValue, writer: PhraseWriter): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return writer.number(value);
  if ('key' in value) return writePhrase(value, writer);
  if ('money' in value) return writer.money(value.money);
  if ('day' in value) return writer.day(value.day);
  if ('text' in value) return writer.text(value.text);
  return joinList(
    value.list.map(one => writeValue(one, writer)),
    writer.text(`segments.sentence.${value.join}`),
  );
};

/** "a, b or c"; a long list is cut: the builder shows the rest. */
const joinList = (parts: string[], word: string): string => {
  const shown = parts.length > 6 ? [...parts.slice(0, 5), `${parts.length - 5} …`] : parts;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`;
};

/** The writer of one language and currency. */
export const writerFor = (text: PhraseWriter['text'], locale: string, currency: string): PhraseWriter => {
  const moneyFormat = new Intl.NumberFormat(locale, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' });
  const digits = moneyFormat.resolvedOptions().maximumFractionDigits ?? 2;
  const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const numberFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
  return {
    text,
    money: amountMinor => moneyFormat.format(amountMinor / 10 ** digits),
    day: day => dayFormat.format(new Date(`${day}T00:00:00Z`)),
    number: value => numberFormat.format(value),
  };
};
