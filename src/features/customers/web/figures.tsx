/** The first look: worth, risk, rhythm, last contact, consent. Shown as far as the house knows these facts. */
import type { ReactNode } from 'react';
import { type AnswerOf, KeyFigure, RelativeTime, useAsOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import classes from './customers.module.css';
import { FactText, type FactValue } from './fact-text.tsx';

type Described = AnswerOf<'GET /api/facts'>['facts'][number];
type Figure = { code: string; label: string; note?: { code: string; text: string } };

const figures: readonly Figure[] = [
  { code: 'orders.sales', label: 'customers.figure.worth', note: { code: 'orders.count', text: 'customers.figure.orders' } },
  {
    code: 'predictions.lapse',
    label: 'customers.figure.risk',
    note: { code: 'predictions.value_at_risk', text: 'customers.figure.at_risk' },
  },
  {
    code: 'predictions.usual_gap_days',
    label: 'customers.figure.rhythm',
    note: { code: 'predictions.days_since_purchase', text: 'customers.figure.since' },
  },
];

export const Figures = ({ customerId, lastSeen }: { customerId: string; lastSeen: string | null }) => {
  const t = useTexts();
  const as_of = useAsOf();
  const described = useQueryOf('GET /api/facts', {}, { staleTime_ms: 60_000 });
  const read = useQueryOf('GET /api/customers/:id/facts', { params: { id: customerId }, query: { as_of: as_of ?? undefined } });
  const known = new Map<string, Described>((described.data?.facts ?? []).map(fact => [fact.code, fact]));
  const values: Record<string, FactValue> = read.data?.facts ?? {};
  const loading = read.isPending || described.isPending;
  const show = (code: string): ReactNode => (known.has(code) ? <FactText fact={known.get(code)!} value={values[code]} /> : null);
  return (
    <div className={classes.figures}>
      <div className={classes.cards}>
        {figures
          .filter(figure => loading || known.has(figure.code))
          .map(figure => (
            <KeyFigure
              key={figure.code}
              label={t(figure.label)}
              loading={loading}
              value={
                values[figure.code] === undefined ? (
                  <span className={classes.quiet}>{t('customers.figure.too_little')}</span>
                ) : (
                  show(figure.code)
                )
              }
              note={
                figure.note && values[figure.note.code] !== undefined ? (
                  <>
                    {t(figure.note.text)} <b>{show(figure.note.code)}</b>
                  </>
                ) : undefined
              }
            />
          ))}
        <KeyFigure
          label={t('customers.figure.last_contact')}
          value={
            lastSeen ? (
              <span className={classes.soft}>
                <RelativeTime value={lastSeen} />
              </span>
            ) : (
              '–'
            )
          }
          note={
            values['orders.last_on'] ? (
              <>
                {t('customers.figure.last_order')} <b>{show('orders.last_on')}</b>
              </>
            ) : undefined
          }
        />
        {known.has('consent.email') && (
          <KeyFigure
            label={t('customers.figure.consent')}
            loading={loading}
            value={
              values['consent.email'] === undefined ? (
                <span className={classes.quiet}>{t('consent.state.unknown')}</span>
              ) : (
                show('consent.email')
              )
            }
            note={
              values['consent.sms'] ? (
                <>
                  {t('consent.channel.sms')}: {show('consent.sms')}
                </>
              ) : undefined
            }
          />
        )}
      </div>
    </div>
  );
};
