import {
  type AnswerOf,
  formatNumber,
  formatPercent,
  Link,
  Loaded,
  Panel,
  SkeletonLines,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './carts.module.css';
import type { CartRange } from './range.ts';

type Step = AnswerOf<'GET /api/carts/conversion'>['steps'][number];

/** From visit to order: people per step, the share that went on, and who they are. */
export const Conversion = ({ range, days }: { range: CartRange; days: string }) => {
  const t = useTexts();
  const query = useQueryOf('GET /api/carts/conversion', { query: range }, { keep: true });
  return (
    <Panel title={t('orders.conversion.title')} description={t('orders.conversion.formula')}>
      <Loaded query={query} skeleton={<SkeletonLines lines={5} />}>
        {data => <Steps steps={data.steps} range={range} days={days} />}
      </Loaded>
    </Panel>
  );
};

const Steps = ({ steps, range, days }: { steps: readonly Step[]; range: CartRange; days: string }) => {
  const t = useTexts();
  const most = Math.max(1, ...steps.map(step => step.people));
  return (
    <table className={classes.funnel}>
      <thead>
        <tr>
          <th scope="col">{t('orders.conversion.step')}</th>
          <td className={classes.bar} aria-hidden="true" />
          <th scope="col" className={classes.end}>
            {t('orders.conversion.people')}
          </th>
          <th scope="col" className={classes.end}>
            {t('orders.conversion.of_previous')}
          </th>
          <th scope="col" className={classes.end}>
            {t('orders.conversion.of_visits')}
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map(step => (
          <tr key={step.step}>
            <th scope="row">{t(`orders.conversion.${step.step}`)}</th>
            <td className={classes.bar} aria-hidden="true">
              <span className={classes.track}>
                <span className={classes.fill} style={{ inlineSize: `${(100 * step.people) / most}%` }} />
              </span>
            </td>
            <td className={classes.end}>
              <Link
                to={`/carts/people?${new URLSearchParams({ step: step.step, days, ...(range.shop ? { shop: range.shop } : {}) })}`}
                aria-label={t('orders.conversion.see', { count: step.people, step: t(`orders.conversion.${step.step}`) })}
              >
                <bdi>{formatNumber(step.people)}</bdi>
              </Link>
            </td>
            <td className={classes.end}>{step.of_previous === null ? '–' : formatPercent(step.of_previous / 100)}</td>
            <td className={classes.end}>{step.of_visits === null ? '–' : formatPercent(step.of_visits / 100)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
