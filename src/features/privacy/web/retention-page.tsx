/** Retention rules: in a sentence each, with what a run would take now, what the last one took, and when the next is. */
import { Button, Group, NumberInput, Switch } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  EmptyState,
  FormError,
  formatNumber,
  JobProgress,
  Link,
  Loaded,
  Name,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import classes from './privacy.module.css';

type Rules = AnswerOf<'GET /api/privacy/retention'>;
type Rule = Rules['rules'][number];

const RetentionPage = () => {
  const t = useTexts();
  const rules = useQueryOf('GET /api/privacy/retention');
  return (
    <>
      <PageHeader title={t('privacy.retention.title')} description={t('privacy.retention.description')} />
      <Loaded query={rules}>
        {data => (
          <Rows>
            <Panel
              title={t('privacy.retention.rules')}
              description={
                data.next_run_at ? (
                  <>
                    {t('privacy.retention.next')} <TimeText value={data.next_run_at} style="time" />
                  </>
                ) : (
                  t('privacy.retention.nightly')
                )
              }
            >
              <ul className={classes.rules}>
                {data.rules.map(rule => (
                  <RuleCard key={`${rule.code}${rule.version}`} rule={rule} />
                ))}
              </ul>
            </Panel>
            <Noticed />
            <Kept kept={data.kept} />
          </Rows>
        )}
      </Loaded>
    </>
  );
};
export default RetentionPage;

const RuleCard = ({ rule }: { rule: Rule }) => {
  const t = useTexts();
  const mayManage = useMay('privacy:manage');
  const refresh = useRefresh();
  const [days, setDays] = useState<number | string>(rule.days);
  const [job, setJob] = useState<string | null>(null);
  const look = useMutationOf('POST /api/privacy/retention/:code/preview');
  const change = useMutationOf('PATCH /api/privacy/retention/:code', {
    invalidates: ['/api/privacy/retention'],
    onSuccess: after => notifyDone(t(after.on ? 'privacy.retention.is_on' : 'privacy.retention.is_off')),
  });
  const run = useMutationOf('POST /api/privacy/retention/:code/run', { onSuccess: ({ job_id }) => setJob(job_id) });
  const params = { code: rule.code };
  const asked = typeof days === 'number' ? days : rule.days;
  const changed = asked !== rule.days;
  const set = (on: boolean) => change.mutate({ params, body: { version: rule.version, on, days: asked } });
  return (
    <li className={classes.rule}>
      <div className={classes.head}>
        <h3>
          {t(rule.label)}{' '}
          {rule.on ? (
            <StatusBadge tone="good">{t('privacy.retention.on')}</StatusBadge>
          ) : (
            <StatusBadge>{t('privacy.retention.off')}</StatusBadge>
          )}
        </h3>
        {mayManage && (
          <Switch
            checked={rule.on}
            disabled={change.isPending}
            onChange={event => set(event.currentTarget.checked)}
            aria-label={t('privacy.retention.switch', { rule: t(rule.label) })}
          />
        )}
      </div>
      <p className={classes.about}>{t(rule.about)}</p>
      <FormError error={change.error ?? look.error ?? run.error} />
      <Group gap="xs" align="end">
        <NumberInput
          label={t('privacy.retention.after_days')}
          value={days}
          min={rule.least_days}
          max={rule.most_days}
          allowDecimal={false}
          readOnly={!mayManage}
          onChange={setDays}
          w={170}
        />
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate({ params, body: { days: asked } })}>
          {t('privacy.retention.look')}
        </Button>
        {mayManage && changed && (
          <Button variant="default" loading={change.isPending} onClick={() => set(rule.on)}>
            {t('privacy.retention.save_days')}
          </Button>
        )}
        {mayManage && rule.on && !changed && (
          <Button variant="default" loading={run.isPending} onClick={() => run.mutate({ params, body: {} })}>
            {t('privacy.retention.run_now')}
          </Button>
        )}
      </Group>
      {look.data && (
        <div className={classes.found} role="status">
          {look.data.rows === 0
            ? t('privacy.retention.nothing')
            : t('privacy.retention.would', { count: look.data.people, rows: formatNumber(look.data.rows) })}{' '}
          {look.data.oldest && (
            <>
              {t('privacy.retention.oldest')} <TimeText value={look.data.oldest} />
            </>
          )}
          {look.data.held > 0 && <div className={classes.quiet}>{t('privacy.retention.held', { count: look.data.held })}</div>}
        </div>
      )}
      {job && <JobProgress id={job} title={t(rule.label)} onOver={() => void refresh('/api/privacy/retention')} />}
      <p className={classes.quiet}>
        {rule.last === null ? (
          t('privacy.retention.never_ran')
        ) : rule.last.state === 'running' ? (
          t('privacy.retention.running', { rows: formatNumber(rule.last.rows) })
        ) : (
          <>
            {t('privacy.retention.last')} <TimeText value={rule.last.finished_at ?? rule.last.started_at} style="time" />:{' '}
            {t('privacy.retention.took', { count: rule.last.people ?? 0, rows: formatNumber(rule.last.rows) })}
          </>
        )}
      </p>
    </li>
  );
};

/** Who is about to be erased because nothing was heard of them: the moment to put somebody on hold. */
const Noticed = () => {
  const t = useTexts();
  const noticed = useQueryOf('GET /api/privacy/retention-notices');
  return (
    <Panel title={t('privacy.noticed.title')} description={t('privacy.noticed.why')}>
      <Loaded query={noticed}>
        {({ total, data }) =>
          total === 0 ? (
            <EmptyState title={t('privacy.noticed.empty')} order={3} />
          ) : (
            <>
              <p>{t('privacy.noticed.total', { count: total })}</p>
              <ul className={classes.plain}>
                {data.map(one => (
                  <li key={one.customer.id}>
                    <Link to={`/customers/${one.customer.id}?tab=privacy`}>
                      <Name>{one.customer.name ?? `#${one.customer.id}`}</Name>
                    </Link>{' '}
                    <span className={classes.quiet}>
                      {t('privacy.noticed.on')} <TimeText value={one.due_at} />
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
};

const Kept = ({ kept }: { kept: Rules['kept'] }) => {
  const t = useTexts();
  return (
    <Panel title={t('privacy.kept.title')} description={t('privacy.kept.why')}>
      <div className={classes.scroll}>
        <table className={classes.lines}>
          <thead>
            <tr>
              <th scope="col">{t('privacy.kept.what')}</th>
              <th scope="col">{t('privacy.kept.for')}</th>
              <th scope="col">{t('privacy.kept.about')}</th>
            </tr>
          </thead>
          <tbody>
            {kept.map(one => (
              <tr key={one.code}>
                <td>{one.link ? <Link to={one.link}>{t(one.label)}</Link> : t(one.label)}</td>
                <td>{one.days === null ? t('privacy.kept.good') : t('privacy.kept.days', { count: one.days })}</td>
                <td>{t(one.about)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
};
