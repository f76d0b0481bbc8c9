import { Anchor, Button, Skeleton } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import {
  type AnswerOf,
  EmptyState,
  ErrorState,
  KeyFigure,
  Link,
  MoneyText,
  NumberText,
  PageHeader,
  Panel,
  SkeletonPanel,
  Split,
  slotValues,
  useAsOf,
  useLive,
  useMay,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import { AsOfProposal } from '../../shops/web/index.tsx';
import { DueTasks } from './due-tasks.tsx';
import { PersonToKeep } from './person-to-keep.tsx';
import classes from './today.module.css';
import { todayPanels } from './today-panels.ts';

type Today = AnswerOf<'GET /api/today'>;

const TodayPage = () => {
  const t = useTexts();
  const as_of = useAsOf();
  const today = useQueryOf('GET /api/today', { query: { as_of } }, { keep: true });
  const refresh = useRefresh();
  useLive('scores', () => void refresh('/api/today'));
  useLive('today', () => void refresh('/api/today'));
  return (
    <>
      <PageHeader title={t('desk.today.title')} description={t('desk.today.description')} />
      <AsOfProposal />
      {today.data === undefined && today.error ? (
        <ErrorState error={today.error} onRetry={() => void today.refetch()} />
      ) : today.data?.as_of === null ? (
        today.data.working ? (
          <Working />
        ) : (
          <NothingYet />
        )
      ) : (
        <div className={classes.page}>
          <Figures today={today.data} />
          <Split aside={<Aside />}>{today.data ? <People today={today.data} /> : <SkeletonPanel height_px={520} />}</Split>
        </div>
      )}
    </>
  );
};

const Figures = ({ today }: { today: Today | undefined }) => {
  const t = useTexts();
  if (!today) {
    return (
      <div className={classes.figures}>
        {['a', 'b', 'c', 'd'].map(key => (
          <Skeleton key={key} height={92} radius="md" />
        ))}
      </div>
    );
  }
  return (
    <div className={classes.figures}>
      {today.figures.map(figure => (
        <KeyFigure
          key={figure.code}
          label={t(figure.label)}
          value={figure.money ? <MoneyText money={figure.money} style="round" /> : <NumberText value={figure.number} />}
          to={figure.link ?? undefined}
        />
      ))}
    </div>
  );
};

const People = ({ today }: { today: Today }) => {
  const t = useTexts();
  const handled = today.done_today + today.skipped_today + today.snoozed_today;
  return (
    <Panel
      title={t('desk.today.people')}
      description={t('desk.today.people_about')}
      flush
      actions={
        <Anchor component={Link} to="/predictions" size="sm">
          {t('desk.today.see_all')}
        </Anchor>
      }
    >
      {today.people.length === 0 ? (
        <EmptyState title={t('desk.today.all_done')} picture="done" order={3}>
          {t('desk.today.all_done_about')}
        </EmptyState>
      ) : (
        <ol className={classes.people}>
          {today.people.map((person, index) => (
            <PersonToKeep key={person.customer.id} person={person} place={index + 1} />
          ))}
        </ol>
      )}
      {(handled > 0 || today.hidden > 0) && (
        <p className={classes.footer}>
          {handled > 0 && <span>{t('desk.today.handled', { count: handled })}</span>}
          {today.hidden > 0 && <span>{t('desk.today.hidden', { count: today.hidden })}</span>}
        </p>
      )}
    </Panel>
  );
};

const Aside = () => {
  const mayTasks = useMay('tasks:read');
  const mayPredictions = useMay('predictions:read');
  const panels = useMemo(() => slotValues(todayPanels).map(panel => ({ ...panel, Content: lazy(panel.load) })), []);
  return (
    <>
      {mayTasks && <DueTasks />}
      {panels
        .filter(panel => panel.needs !== 'predictions:read' || mayPredictions)
        .map(({ name, Content }) => (
          <Suspense key={name} fallback={<SkeletonPanel />}>
            <Content />
          </Suspense>
        ))}
    </>
  );
};

const Working = () => {
  const t = useTexts();
  return (
    <Panel>
      <EmptyState title={t('desk.today.working')} picture="chart">
        {t('desk.today.working_about')}
      </EmptyState>
      <SkeletonPanel height_px={240} />
    </Panel>
  );
};

const NothingYet = () => {
  const t = useTexts();
  return (
    <Panel>
      <EmptyState
        title={t('desk.today.nothing_yet')}
        picture="file"
        action={
          <Button component={Link} to="/imports">
            {t('desk.today.import')}
          </Button>
        }
      >
        {t('desk.today.nothing_yet_about')}
      </EmptyState>
    </Panel>
  );
};

export default TodayPage;
