/** Who a definition means: the count at once, then share, reach, worth, five people, and what each condition does. */
import { Alert, Progress, Skeleton } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import {
  Avatar,
  ErrorState,
  formatNumber,
  formatPercent,
  Link,
  MoneyText,
  Name,
  NumberText,
  Panel,
  useTexts,
} from '../../../ui/index.ts';
import classes from './segments.module.css';
import type { Preview, PreviewState } from './use-preview.ts';
import { factLabel, useVocabulary } from './vocabulary.ts';
import { isTurned, useWords } from './words.tsx';

export const ResultPanel = ({ preview }: { preview: PreviewState }) => {
  const t = useTexts();
  const { data, error, isBusy } = preview;
  const facts = useVocabulary().data?.facts ?? [];
  const labelOf = (code: string) => {
    const fact = facts.find(one => one.code === code);
    return fact ? factLabel(fact, t) : code;
  };
  if (!data) {
    if (error)
      return (
        <Panel>
          {'status' in error && error.status === 422 ? (
            <p className={classes.hint}>{error.message}</p>
          ) : (
            <ErrorState error={error} />
          )}
        </Panel>
      );
    return (
      <Panel>
        <div aria-busy="true">
          <Skeleton height={34} width="60%" mb={12} />
          <Skeleton height={8} mb={20} />
          <Skeleton height={120} />
        </div>
      </Panel>
    );
  }
  return (
    <Panel className={classes.result}>
      <div aria-live="polite" aria-busy={isBusy} data-stale={isBusy || undefined} className={classes.resultBody}>
        <p className={classes.count}>
          <bdi className="figure">{formatNumber(data.count)}</bdi> {t('segments.web.people', { count: data.count })}
        </p>
        <p className={classes.dim}>
          {t('segments.web.share_of', {
            share: formatPercent(data.share),
            total: formatNumber(data.total),
            ms: formatNumber(data.took_ms),
          })}
        </p>
        <Progress
          value={Math.max(data.count > 0 ? 1 : 0, data.share * 100)}
          size="sm"
          mt={10}
          aria-label={t('segments.web.share')}
        />
        <dl className={classes.figures}>
          {data.reachable.email !== null && (
            <Figure label={t('segments.web.reachable_email')} value={<NumberText value={data.reachable.email} />} />
          )}
          {data.reachable.sms !== null && data.reachable.sms > 0 && (
            <Figure label={t('segments.web.reachable_sms')} value={<NumberText value={data.reachable.sms} />} />
          )}
          {data.sales && <Figure label={t('segments.web.sales')} value={<MoneyText money={data.sales} style="round" />} />}
          {data.sales && data.count > 0 && (
            <Figure
              label={t('segments.web.sales_each')}
              value={
                <MoneyText
                  money={{ ...data.sales, amount_minor: Math.round(data.sales.amount_minor / data.count) }}
                  style="round"
                />
              }
            />
          )}
        </dl>
        {data.current_only.length > 0 && (
          <Alert variant="light" color="yellow" icon={<IconInfoCircle size={18} />} mt="sm" p="xs">
            {t('segments.web.current_only', { facts: data.current_only.map(labelOf).join(', ') })}
          </Alert>
        )}
        {data.sample.length > 0 && <Sample people={data.sample} currency={data.sales?.currency} />}
        {data.conditions.length > 1 && <Keeps preview={data} />}
      </div>
    </Panel>
  );
};

const Figure = ({ label, value }: { label: string; value: React.ReactNode }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const Sample = ({ people, currency }: { people: Preview['sample']; currency: string | undefined }) => {
  const t = useTexts();
  return (
    <>
      <h2 className={classes.small}>{t('segments.web.sample', { count: people.length })}</h2>
      <ul className={classes.people}>
        {people.map(person => (
          <li key={person.id}>
            <Avatar name={person.name ?? person.email ?? '#'} size_px={30} />
            <span>
              <Link to={`/customers/${person.id}`}>
                <Name>{person.name ?? person.email ?? t('segments.web.customer', { id: person.outside_id ?? person.id })}</Name>
              </Link>
              <span className={classes.below}>
                {typeof person.facts['orders.count'] === 'number' &&
                  t('segments.web.orders', { count: person.facts['orders.count'] })}
                {currency && typeof person.facts['orders.sales'] === 'number' && (
                  <>
                    {' · '}
                    <MoneyText money={{ amount_minor: person.facts['orders.sales'], currency }} style="round" />
                  </>
                )}
                {person.facts['orders.count'] === undefined && person.country && <Name>{person.country}</Name>}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
};

/** What each condition alone keeps, as bars; how many more there would be without it. */
const Keeps = ({ preview }: { preview: Preview }) => {
  const t = useTexts();
  const words = useWords(useVocabulary().data?.currency ?? 'EUR');
  const most = Math.max(1, preview.total);
  return (
    <>
      <h2 className={classes.small}>{t('segments.web.keeps')}</h2>
      <ul className={classes.keeps}>
        {preview.conditions.map(condition => {
          const gain = condition.without === null ? null : condition.without - preview.count;
          return (
            <li key={condition.path}>
              <span className={classes.keepsHead}>
                <span>
                  {isTurned(condition.path) && <b className={classes.butNot}>{t('segments.web.but_not')} </b>}
                  <bdi>{words(condition.phrase)}</bdi>
                </span>
                <NumberText value={condition.alone} />
              </span>
              <span className={classes.track} aria-hidden="true">
                <span
                  data-not={isTurned(condition.path) || undefined}
                  style={{ inlineSize: `${(condition.alone / most) * 100}%` }}
                />
              </span>
              {gain !== null && gain !== 0 && (
                <span className={classes.below}>
                  {t(gain > 0 ? 'segments.web.without_more' : 'segments.web.without_fewer', {
                    number: formatNumber(Math.abs(gain)),
                  })}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
};
