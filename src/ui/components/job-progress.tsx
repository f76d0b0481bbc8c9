/** Background work that a person waits for: how far, how long still, stop, result. Survives a reload: the job's id is in the URL. */
import { Button, Group, Progress, Text } from '@mantine/core';
import { IconCheck, IconPlayerStop } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { type AnswerOf, api } from '../api.ts';
import { formatDuration, formatNumber, formatPercent } from '../format.tsx';
import { useLive } from '../live.ts';
import { hasText, useTexts } from '../texts.ts';
import { notifyError } from './notices.tsx';
import { ErrorState, SkeletonLines } from './states.tsx';

export type JobState = AnswerOf<'GET /api/jobs/:id'>;
export const isOver = (job: JobState): boolean => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** Follows a job: told live, and asked every two seconds in case a message is missed. */
export const useJob = (id: string | null | undefined) => {
  const client = useQueryClient();
  const key = ['GET /api/jobs/:id', { params: { id } }];
  useLive('job', payload => {
    if (payload.id === id) void client.invalidateQueries({ queryKey: key });
  });
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api('GET /api/jobs/:id', { params: { id: id ?? '' } }, { signal }),
    enabled: Boolean(id),
    refetchInterval: query => (query.state.data && isOver(query.state.data) ? false : 2000),
  });
};

type JobProgressProps = {
  id: string;
  /** What is going on: "Reading orders.csv". */
  title: string;
  /** Shown when it ended well; gets the job's result. */
  children?: (job: JobState) => ReactNode;
  /** Called once when the job ends while one watches. */
  onOver?: (job: JobState) => void;
  cancellable?: boolean;
};
export const JobProgress = ({ id, title, children, onOver, cancellable = true }: JobProgressProps) => {
  const t = useTexts();
  const client = useQueryClient();
  const query = useJob(id);
  const job = query.data;
  const told = useRef(false);
  useEffect(() => {
    if (!job || !isOver(job) || told.current) return;
    told.current = true;
    onOver?.(job);
  }, [job, onOver]);
  if (!job)
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonLines lines={2} />;
  const share = job.total ? Math.min(1, job.done / job.total) : null;
  const cancel = () =>
    api('DELETE /api/jobs/:id', { params: { id } })
      .then(() => client.invalidateQueries({ queryKey: ['GET /api/jobs/:id', { params: { id } }] }))
      .catch(error => notifyError(error));
  if (job.state === 'done') return children ? children(job) : <JobDone title={title} />;
  if (job.state === 'failed' || job.state === 'cancelled') {
    const key = `error.${job.error?.code}`;
    return (
      <Text role="status" c={job.state === 'failed' ? 'var(--bad-ink)' : undefined}>
        {job.state === 'cancelled'
          ? t('ui.job.cancelled', { title })
          : hasText(key)
            ? t(key)
            : (job.error?.detail ?? t('ui.error.unexpected'))}
      </Text>
    );
  }
  return (
    <div>
      <Group justify="space-between" gap="md" mb={6} wrap="nowrap">
        <Text fw={600}>{title}</Text>
        {cancellable && (
          <Button variant="default" size="compact-sm" leftSection={<IconPlayerStop size={15} />} onClick={() => void cancel()}>
            {t('ui.job.cancel')}
          </Button>
        )}
      </Group>
      <Progress
        value={share === null ? 100 : Math.max(1, share * 100)}
        animated={share === null}
        striped={share === null}
        size="lg"
        radius="xl"
        aria-label={title}
      />
      <Group justify="space-between" gap="xs" mt={6}>
        <Text size="sm" c="dimmed" className="figure">
          {job.state === 'queued'
            ? t('ui.job.waiting')
            : share === null
              ? t('ui.job.done_so_far', { done: formatNumber(job.done) })
              : t('ui.job.done_of', {
                  done: formatNumber(job.done),
                  total: formatNumber(job.total ?? 0),
                  share: formatPercent(share, 0),
                })}
          {job.note ? ` · ${hasText(job.note) ? t(job.note) : job.note}` : ''}
        </Text>
        {job.seconds_left !== null && (
          <Text size="sm" c="dimmed" className="figure">
            {t('ui.job.left', { time: formatDuration(job.seconds_left) })}
          </Text>
        )}
      </Group>
    </div>
  );
};

const JobDone = ({ title }: { title: string }) => {
  const t = useTexts();
  return (
    <Group gap="xs" role="status" wrap="nowrap">
      <IconCheck size={18} color="var(--good)" aria-hidden />
      <Text>{t('ui.job.done', { title })}</Text>
    </Group>
  );
};
