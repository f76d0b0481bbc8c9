/** The data-quality desk: the score, the rules worst first, the monthly review, and what was put right lately. */
import { Button } from '@mantine/core';
import { IconArrowBackUp, IconRefresh } from '@tabler/icons-react';
import {
  type AnswerOf,
  Cards,
  DataTable,
  EmptyState,
  formatNumber,
  JobProgress,
  KeyFigure,
  Loaded,
  Name,
  NumberText,
  notifyDone,
  notifyError,
  PageHeader,
  Panel,
  RelativeTime,
  Sparkline,
  Split,
  StatusBadge,
  TimeText,
  text,
  useLive,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { CustomersNav } from '../../customers/web/index.tsx';
import classes from './quality.module.css';
import { ReviewPanel } from './review-panel.tsx';

type Quality = AnswerOf<'GET /api/data-quality'>;
type Rule = Quality['rules'][number];

const QualityPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({ job: text() });
  const quality = useQueryOf('GET /api/data-quality', {}, { keep: true });
  const again = () => void refresh('/api/data-quality');
  useLive('data-quality', again);
  const count = useMutationOf('POST /api/data-quality/count', {
    onSuccess: ({ job_id }) => setUrl({ job: job_id }),
    onError: error => notifyError(error),
  });
  const countButton = (
    <Button
      variant="default"
      leftSection={<IconRefresh size={16} />}
      loading={count.isPending}
      onClick={() => count.mutate({ body: {} })}
    >
      {t('data-quality.count_now')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('data-quality.title')} description={t('data-quality.about')} actions={countButton} />
      <CustomersNav />
      {url.job && (
        <div className={classes.job}>
          <JobProgress key={url.job} id={url.job} title={t('data-quality.counting')} onOver={again} />
        </div>
      )}
      <Loaded query={quality}>
        {data =>
          data.counted_at === null ? (
            <Panel>
              <EmptyState title={t('data-quality.never')} picture="chart" action={countButton}>
                {t('data-quality.never_why')}
              </EmptyState>
            </Panel>
          ) : (
            <Shown quality={data} />
          )
        }
      </Loaded>
    </>
  );
};

const Shown = ({ quality }: { quality: Quality }) => {
  const t = useTexts();
  const wrong = quality.rules.filter(rule => (rule.wrong ?? 0) > 0);
  const inOrder = quality.rules.length - wrong.length;
  const sum = (of: (rule: Rule) => number) => wrong.reduce((all, rule) => all + of(rule), 0);
  return (
    <>
      <Cards min_px={190}>
        <KeyFigure
          label={t('data-quality.score')}
          value={quality.score === null ? '–' : `${formatNumber(quality.score, 1)} / 100`}
          note={t('data-quality.score_note')}
        />
        <KeyFigure
          label={t('data-quality.wrong')}
          value={<NumberText value={sum(rule => rule.wrong ?? 0)} />}
          note={t('data-quality.wrong_note', { count: wrong.length })}
        />
        <KeyFigure
          label={t('data-quality.fixable')}
          value={<NumberText value={sum(rule => rule.fixable)} />}
          note={t('data-quality.fixable_note')}
        />
      </Cards>
      <div className={classes.space} />
      <Split
        aside={
          <>
            <ReviewPanel quality={quality} />
            <Fixes quality={quality} />
          </>
        }
      >
        <Panel
          title={t('data-quality.rules')}
          description={
            <>
              {t('data-quality.rules_about')} {t('data-quality.counted')}{' '}
              {quality.counted_at && <RelativeTime value={quality.counted_at} />}
            </>
          }
          flush
        >
          <Rules rules={wrong} />
          {inOrder > 0 && wrong.length > 0 && <p className={classes.foot}>{t('data-quality.in_order', { count: inOrder })}</p>}
        </Panel>
      </Split>
    </>
  );
};

const Rules = ({ rules }: { rules: readonly Rule[] }) => {
  const t = useTexts();
  return (
    <DataTable
      name="quality-rules"
      label={t('data-quality.rules')}
      plain
      list={{ rows: rules }}
      rowKey={rule => rule.code}
      rowLink={rule => `/data-quality/${rule.code}`}
      columns={[
        {
          key: 'rule',
          title: t('data-quality.rule_column'),
          card: 'title',
          render: rule => (
            <span className={classes.rule}>
              <span className={classes.ruleName}>{t(`${rule.texts}.title`)}</span>
              <span className={classes.cost}>{t(`${rule.texts}.cost`, { count: rule.wrong ?? 0 })}</span>
            </span>
          ),
        },
        {
          key: 'records',
          title: t('data-quality.records_column'),
          align: 'end',
          render: rule => (
            <span>
              <NumberText value={rule.wrong} />
              <br />
              <span className={classes.quiet}>{t('data-quality.of', { total: formatNumber(rule.looked_at ?? 0) })}</span>
            </span>
          ),
        },
        {
          key: 'score',
          title: t('data-quality.score_column'),
          align: 'end',
          card: 'aside',
          render: rule => <Score score={rule.score} />,
        },
        {
          key: 'trend',
          title: t('data-quality.trend_column'),
          card: 'hidden',
          render: rule => <Sparkline values={rule.trend.map(point => point.wrong)} tone={trendTone(rule)} />,
        },
      ]}
      empty={
        <EmptyState title={t('data-quality.all_good')} picture="done" order={3}>
          {t('data-quality.all_good_why')}
        </EmptyState>
      }
    />
  );
};

const trendTone = (rule: Rule): 'good' | 'bad' | 'info' => {
  const [first, last] = [rule.trend[0]?.wrong ?? 0, rule.trend.at(-1)?.wrong ?? 0];
  return last > first ? 'bad' : last < first ? 'good' : 'info';
};

export const Score = ({ score }: { score: number | null }) =>
  score === null ? (
    <StatusBadge>–</StatusBadge>
  ) : (
    <StatusBadge tone={score >= 99 ? 'good' : score >= 90 ? 'warn' : 'bad'}>{`${formatNumber(score, 1)} %`}</StatusBadge>
  );

const Fixes = ({ quality }: { quality: Quality }) => {
  const t = useTexts();
  const mayWrite = useMay('data-quality:write');
  const undo = useMutationOf('POST /api/data-quality/fixes/:id/undo', {
    invalidates: ['/api/data-quality', '/api/customers'],
    onSuccess: () => notifyDone(t('data-quality.took_back')),
    onError: error => notifyError(error),
  });
  const fixes = quality.fixes.filter(fix => fix.items > 0).slice(0, 8);
  const textsOf = (code: string) => quality.rules.find(rule => rule.code === code)?.texts;
  return (
    <Panel title={t('data-quality.fixes')}>
      {fixes.length === 0 && <p className={classes.quiet}>{t('data-quality.fixes_none')}</p>}
      <ul className={classes.list}>
        {fixes.map(fix => (
          <li key={fix.id}>
            <div>
              {t('data-quality.mended', { count: fix.items })}: {textsOf(fix.rule) ? t(`${textsOf(fix.rule)}.title`) : fix.rule}
              <br />
              <span className={classes.quiet}>
                <TimeText value={fix.at} style="time" /> · <Name>{fix.by_whom}</Name>
              </span>
            </div>
            {fix.undone_at ? (
              <StatusBadge>{t('data-quality.undone', { name: fix.undone_by ?? '' })}</StatusBadge>
            ) : (
              mayWrite && (
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconArrowBackUp size={14} />}
                  loading={undo.isPending && undo.variables?.params.id === fix.id}
                  onClick={() => undo.mutate({ params: { id: fix.id }, body: {} })}
                >
                  {t('data-quality.undo')}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
};

export default QualityPage;
