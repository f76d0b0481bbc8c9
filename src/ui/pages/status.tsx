import { Alert } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import type { AnswerOf } from '../api.ts';
import { type Column, DataTable } from '../components/data-table.tsx';
import { isOver, type JobState } from '../components/job-progress.tsx';
import { Cards, Facts, PageHeader, Panel, Rows } from '../components/page.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { EmptyState, Loaded, SkeletonPanel } from '../components/states.tsx';
import { StatusBadge, type Tone } from '../components/status-badge.tsx';
import { formatDuration, formatNumber, formatPercent, NumberText } from '../format.tsx';
import { useLive } from '../live.ts';
import { useQueryOf } from '../queries.ts';
import { hasText, useTexts } from '../texts.ts';
import classes from './status.module.css';

type Status = AnswerOf<'GET /api/status'>;
type Engine = Status['postgres'];

const tones: Record<'good' | 'warning' | 'bad', Tone> = { good: 'good', warning: 'warn', bad: 'bad' };
const jobTones: Record<JobState['state'], Tone> = {
  queued: 'quiet',
  running: 'info',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

const StatusPage = () => {
  const t = useTexts();
  const status = useQueryOf('GET /api/status', undefined, { refetchEvery_ms: 5000 });
  const jobs = useQueryOf('GET /api/jobs', { query: { limit: 50 } }, { refetchEvery_ms: 10_000 });
  useLive('job', () => void jobs.refetch());
  const trouble =
    status.data &&
    (!status.data.postgres.ok || !status.data.clickhouse.ok || status.data.figures.some(one => one.state === 'bad'));
  return (
    <>
      <PageHeader
        title={t('ui.status.title')}
        description={t('ui.status.description')}
        badge={
          status.data && (
            <StatusBadge tone={trouble ? 'bad' : 'good'}>{t(trouble ? 'ui.status.trouble' : 'ui.status.ok')}</StatusBadge>
          )
        }
      />
      <Rows>
        <Loaded query={status} skeleton={<SkeletonPanel height_px={260} />}>
          {data => <Overview status={data} />}
        </Loaded>
        <Panel title={t('ui.status.jobs')} flush>
          <Loaded query={jobs}>{data => <Jobs jobs={data.data} />}</Loaded>
        </Panel>
      </Rows>
    </>
  );
};
export default StatusPage;

const Overview = ({ status }: { status: Status }) => {
  const t = useTexts();
  return (
    <>
      {status.sending_held && (
        <Alert color="yellow" icon={<IconHandStop size={18} />}>
          {t('ui.status.held')}
        </Alert>
      )}
      <Cards min_px={215}>
        <EnginePanel name="PostgreSQL" engine={status.postgres} />
        <EnginePanel name="ClickHouse" engine={status.clickhouse} />
        <Panel title={t('ui.status.process')}>
          <Facts
            items={[
              { label: t('ui.status.version'), value: <bdi>{status.version}</bdi> },
              { label: t('ui.status.node'), value: <bdi>{status.node}</bdi> },
              { label: t('ui.status.up'), value: formatDuration(status.uptime_seconds) },
              { label: t('ui.status.memory'), value: megabytes(status.memory_mb) },
            ]}
          />
        </Panel>
        <Panel title={t('ui.status.queue')}>
          <Facts
            items={[
              { label: t('ui.status.running'), value: <NumberText value={status.queue.running} /> },
              { label: t('ui.status.queued'), value: <NumberText value={status.queue.queued} /> },
              { label: t('ui.status.failed'), value: <NumberText value={status.queue.failed} /> },
              { label: t('ui.status.announcements'), value: <NumberText value={status.queue.announcements} /> },
              { label: t('ui.status.dead'), value: <NumberText value={status.queue.dead} /> },
            ]}
          />
        </Panel>
      </Cards>
      {status.figures.length > 0 && (
        <Panel title={t('ui.status.figures')}>
          <Facts
            items={status.figures.map(figure => ({
              label: hasText(figure.label) ? t(figure.label) : figure.label,
              value: (
                <span className={classes.figure}>
                  <span className="figure">{withUnit(figure.value, figure.unit, t)}</span>
                  <StatusBadge tone={tones[figure.state]}>{t(`ui.status.state.${figure.state}`)}</StatusBadge>
                </span>
              ),
            }))}
          />
        </Panel>
      )}
    </>
  );
};

const megabytes = (size: number) => (size >= 1024 ? `${formatNumber(size / 1024, 1)} GB` : `${formatNumber(size)} MB`);
const withUnit = (value: number, unit: string | null, t: ReturnType<typeof useTexts>) => {
  if (unit === 'seconds') return value < 1 ? `${formatNumber(value, 1)} s` : formatDuration(value);
  return `${formatNumber(value, 1)}${unit ? ` ${hasText(unit) ? t(unit) : unit}` : ''}`;
};

const EnginePanel = ({ name, engine }: { name: string; engine: Engine }) => {
  const t = useTexts();
  return (
    <Panel
      title={name}
      actions={
        <StatusBadge tone={engine.ok ? 'good' : 'bad'}>{t(engine.ok ? 'ui.status.works' : 'ui.status.unreachable')}</StatusBadge>
      }
    >
      <Facts
        items={[
          { label: t('ui.status.version'), value: <bdi>{engine.version ?? '–'}</bdi> },
          { label: t('ui.status.size'), value: engine.size_mb === null ? '–' : megabytes(engine.size_mb) },
          { label: t('ui.status.runs'), value: t(engine.embedded ? 'ui.status.embedded' : 'ui.status.external') },
        ]}
      />
    </Panel>
  );
};

const Jobs = ({ jobs }: { jobs: JobState[] }) => {
  const t = useTexts();
  const columns: Column<JobState>[] = [
    {
      key: 'name',
      title: t('ui.status.job.name'),
      render: job => <bdi>{nameOf(job, t)}</bdi>,
    },
    {
      key: 'state',
      title: t('ui.status.job.state'),
      render: job => <StatusBadge tone={jobTones[job.state]}>{t(`ui.status.job_state.${job.state}`)}</StatusBadge>,
    },
    { key: 'progress', title: t('ui.status.job.progress'), align: 'end', render: job => progressOf(job) },
    { key: 'created', title: t('ui.status.job.created'), align: 'end', render: job => <RelativeTime value={job.created_at} /> },
  ];
  return (
    <DataTable
      plain
      name="jobs"
      label={t('ui.status.jobs')}
      columns={columns}
      rowKey={job => job.id}
      list={{ rows: jobs }}
      empty={
        <EmptyState title={t('ui.status.jobs_empty')} order={3}>
          {t('ui.status.jobs_empty_text')}
        </EmptyState>
      }
    />
  );
};

/** "imports.run" is told by the text "imports.job.run". */
const nameOf = (job: JobState, t: ReturnType<typeof useTexts>) => {
  const key = job.name.replace('.', '.job.');
  return hasText(key) ? t(key) : job.name;
};

const progressOf = (job: JobState) => {
  if (job.state === 'failed') return <bdi>{job.error?.detail}</bdi>;
  if (job.total)
    return `${formatNumber(job.done)} / ${formatNumber(job.total)}${isOver(job) ? '' : ` (${formatPercent(job.done / job.total, 0)})`}`;
  return job.done > 0 ? formatNumber(job.done) : '–';
};
