/** A reason as a sentence: code and values from the server, figures in the reader's format. */
import { formatMoney, formatNumber, useSession, useTexts } from '../../../ui/index.ts';

type Values = Record<string, number | string>;

/** `const reason = useReason(); reason(code, values)`. Values named `..._minor` are money of the home currency. */
export const useReason = (): ((code: string, values: Values) => string) => {
  const t = useTexts();
  const currency = useSession()?.organisation?.home_currency ?? 'EUR';
  return (code, values) =>
    t(
      code,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value !== 'number'
            ? value
            : name.endsWith('_minor')
              ? formatMoney({ amount_minor: value, currency }, 'round')
              : formatNumber(value, 1),
        ]),
      ),
    );
};
