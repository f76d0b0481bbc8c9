import { Cards, formatNumber, KeyFigure, NumberText, useTexts } from '../../../ui/index.ts';
import type { CountsAnswer } from '../contract.ts';
import classes from './imports.module.css';

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** read = kept + merged + skipped, with every reason: the arithmetic anyone can check. */
export const AddsUp = ({ counts, isPlan }: { counts: CountsAnswer; isPlan?: boolean }) => {
  const t = useTexts();
  const merged = total(counts.merged);
  const skipped = total(counts.skipped);
  const reasons = (of: Record<string, number>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([code, count]) => (
        <tr key={code} className={classes.reason}>
          <th scope="row">{t(`imports.short.${code}`)}</th>
          <td>
            <NumberText value={count} />
          </td>
        </tr>
      ));
  return (
    <table className={classes.sum}>
      <caption className={classes.caption}>{t(isPlan ? 'imports.sum.plan' : 'imports.sum.caption')}</caption>
      <tbody>
        <tr>
          <th scope="row">{t('imports.sum.kept')}</th>
          <td>
            <NumberText value={counts.kept} />
          </td>
        </tr>
        {!isPlan && counts.kept > counts.added && (
          <tr className={classes.reason}>
            <th scope="row">{t('imports.sum.known')}</th>
            <td>
              <NumberText value={counts.kept - counts.added} />
            </td>
          </tr>
        )}
        {merged > 0 && (
          <tr>
            <th scope="row">{t('imports.sum.merged')}</th>
            <td>
              <NumberText value={merged} />
            </td>
          </tr>
        )}
        {reasons(counts.merged)}
        <tr>
          <th scope="row">{t('imports.sum.skipped')}</th>
          <td>
            <NumberText value={skipped} />
          </td>
        </tr>
        {reasons(counts.skipped)}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('imports.sum.read')}</th>
          <td>
            <NumberText value={counts.read} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
};

const order = [
  'orders',
  'returns',
  'lines',
  'customers',
  'customers_known',
  'orders_without_customer',
  'products',
  'consents',
  'consents_yes',
  'consents_no',
  'tags',
  'orders_changed',
  'orders_known_elsewhere',
  'equal_lines',
  'zero_lines',
];
const place = (code: string) => (order.includes(code) ? order.indexOf(code) : order.length);

/** What was (or would be) made, the most telling first. */
export const Made = ({ made, links }: { made: Record<string, number>; links?: Partial<Record<string, string>> }) => {
  const t = useTexts();
  const shown = Object.entries(made)
    .filter(([, count]) => count > 0)
    .sort((a, b) => place(a[0]) - place(b[0]));
  return (
    <Cards min_px={140}>
      {shown.map(([code, count]) => (
        <KeyFigure key={code} label={t(`imports.made.${code}`)} value={formatNumber(count)} to={links?.[code]} />
      ))}
    </Cards>
  );
};
