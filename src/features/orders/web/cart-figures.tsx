import { Cards, formatMoney, formatNumber, formatPercent, KeyFigure, Loaded, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { CartRange } from './range.ts';

/** How the carts of a range ended; each number leads to its carts. */
export const CartFigures = ({ range, days }: { range: CartRange; days: string }) => {
  const t = useTexts();
  const figures = useQueryOf('GET /api/carts/figures', { query: range }, { keep: true });
  const to = (state: string) => `/carts?${new URLSearchParams({ state, days, ...(range.shop ? { shop: range.shop } : {}) })}`;
  return (
    <Loaded query={figures}>
      {data => (
        <Cards min_px={240}>
          <KeyFigure
            label={t('orders.figures.open')}
            value={formatNumber(data.open)}
            note={t('orders.figures.open_note', { count: data.checkout })}
            to={to('open')}
          />
          <KeyFigure
            label={t('orders.figures.abandoned')}
            value={formatNumber(data.abandoned)}
            note={data.abandoned_value ? t('orders.figures.worth', { amount: formatMoney(data.abandoned_value) }) : undefined}
            to={to('abandoned')}
          />
          <KeyFigure
            label={t('orders.figures.recovered')}
            value={formatNumber(data.recovered)}
            note={data.recovered_value ? t('orders.figures.worth', { amount: formatMoney(data.recovered_value) }) : undefined}
            to={to('recovered')}
          />
          <KeyFigure
            label={t('orders.figures.rate')}
            value={data.abandonment_rate === null ? '–' : formatPercent(data.abandonment_rate / 100)}
            note={t('orders.figures.rate_note', {
              abandoned: formatNumber(data.abandoned),
              settled: formatNumber(data.abandoned + data.converted + data.recovered),
            })}
            formula={t('orders.figures.rate_formula')}
            to={to('converted')}
          />
        </Cards>
      )}
    </Loaded>
  );
};
