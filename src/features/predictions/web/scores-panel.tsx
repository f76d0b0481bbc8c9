import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import {
  type AnswerOf,
  Facts,
  formatMoney,
  formatNumber,
  formatPercent,
  Link,
  Loaded,
  MoneyText,
  Panel,
  ShareBar,
  SkeletonPanel,
  StatusBadge,
  useAsOf,
  useLive,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import { useReason } from '../../desk/web/index.tsx';
import classes from './scores.module.css';

type Answer = AnswerOf<'GET /api/customers/:id/scores'>;
type Score = NonNullable<Answer['score']>;

/** On the customer page: what is foretold, and why. */
const ScoresPanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const query = useQueryOf(
    'GET /api/customers/:id/scores',
    { params: { id: customerId }, query: { as_of: useAsOf() } },
    { keep: true },
  );
  useLive('scores', () => void refresh(`/api/customers/${customerId}/scores`));
  return (
    <Loaded query={query} skeleton={<SkeletonPanel height_px={260} />}>
      {({ score, absent, verdict }) => (
        <Panel
          title={t('predictions.panel.title')}
          actions={score?.slipping && <StatusBadge tone="bad">{t('predictions.slipping')}</StatusBadge>}
        >
          {score ? (
            <Foretold score={score} verdict={verdict} />
          ) : (
            <p className={classes.quiet}>{t(`predictions.panel.absent.${absent ?? 'no_purchase'}`)}</p>
          )}
        </Panel>
      )}
    </Loaded>
  );
};

const Foretold = ({ score, verdict }: { score: Score; verdict: Answer['verdict'] }) => {
  const t = useTexts();
  return (
    <>
      <Lapse score={score} verdict={verdict} />
      <Facts
        items={[
          { label: t('predictions.panel.silence'), value: t('predictions.panel.silence_value', { count: score.days_since }) },
          {
            label: t('predictions.panel.rhythm'),
            value:
              score.usual_gap_days === null
                ? t('predictions.panel.no_rhythm', { count: score.purchase_days })
                : t('predictions.panel.rhythm_value', {
                    gap: formatNumber(score.usual_gap_days, 1),
                    long: formatNumber(score.long_gap_days ?? 0),
                  }),
          },
          ...(score.expected_sales
            ? [{ label: t('predictions.panel.expected_sales'), value: <MoneyText money={score.expected_sales} style="round" /> }]
            : []),
          ...(score.value_at_risk
            ? [{ label: t('predictions.panel.value_at_risk'), value: <MoneyText money={score.value_at_risk} style="round" /> }]
            : []),
        ]}
      />
      {score.rhythm && score.expected_sales && (
        <p className={classes.quiet}>
          {t('predictions.panel.how', {
            now: formatPercent(score.rhythm.lapse_now, 0),
            due: formatPercent(score.rhythm.lapse_when_due, 0),
            sales: formatMoney(score.expected_sales, 'round'),
          })}
        </p>
      )}
      <Reasons score={score} />
    </>
  );
};

const Lapse = ({ score, verdict }: { score: Score; verdict: Answer['verdict'] }) => {
  const t = useTexts();
  const label = t('predictions.panel.lapse', { days: score.horizon_days });
  if (score.lapse === null) {
    return (
      <div className={classes.lapse}>
        <p className={classes.label}>{label}</p>
        <p className={classes.quiet}>{t('predictions.panel.no_lapse')}</p>
      </div>
    );
  }
  const tone = score.lapse >= 0.75 ? 'bad' : score.lapse >= 0.4 ? 'warn' : 'good';
  return (
    <div className={classes.lapse}>
      <p className={classes.label}>{label}</p>
      <p className={classes.share}>
        <bdi>{formatPercent(score.lapse, 0)}</bdi>
      </p>
      <ShareBar share={score.lapse} label={`${label}: ${formatPercent(score.lapse, 0)}`} tone={tone} />
      {verdict === 'unproven' && <p className={classes.quiet}>{t('predictions.panel.unproven')}</p>}
      {verdict === 'rule_is_better' && <p className={classes.quiet}>{t('predictions.panel.rule')}</p>}
    </div>
  );
};

/** Of the score that matters for this person: the break of their rhythm where they have one, else the lapse. */
const Reasons = ({ score }: { score: Score }) => {
  const t = useTexts();
  const reason = useReason();
  const reasons = score.rhythm?.reasons.length ? score.rhythm.reasons : score.reasons;
  if (reasons.length === 0) return null;
  return (
    <>
      <h3 className={classes.heading}>{t('predictions.panel.why')}</h3>
      <ul className={classes.reasons}>
        {reasons.map(one => {
          const Arrow = one.effect === 'raises' ? IconArrowUpRight : IconArrowDownRight;
          const points = formatNumber(one.points, 0);
          return (
            <li key={one.code}>
              <span className={classes.effect} data-effect={one.effect}>
                <Arrow size={15} aria-hidden />
                <span title={t(`predictions.panel.${one.effect}`, { points })}>
                  {one.effect === 'raises' ? '+' : '−'}
                  {points}
                </span>
              </span>
              <span>{reason(one.code, one.values)}</span>
            </li>
          );
        })}
      </ul>
      <Link to="/predictions/record" className={classes.link}>
        {t('predictions.list.track_record')}
      </Link>
    </>
  );
};

export default ScoresPanel;
