import { Button, Group, Progress, Text } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import {
  formatDuration,
  formatNumber,
  formatPercent,
  notifyError,
  Panel,
  Rows,
  useMutationOf,
  useTexts,
} from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import { Made } from './counts.tsx';

/** Rows going in (or coming out again), with what is there already. */
export const RunningStep = ({ one }: { one: ImportAnswer }) => {
  const t = useTexts();
  const cancel = useMutationOf('POST /api/imports/:id/cancel', {
    invalidates: ['/api/imports'],
    onError: error => notifyError(error),
  });
  if (one.state === 'undoing') {
    return (
      <Panel title={t('imports.undoing')} description={t('imports.undoing.about')}>
        <Progress value={100} animated striped size="lg" radius="xl" aria-label={t('imports.undoing')} />
      </Panel>
    );
  }
  const { rows, rows_total, share, rows_per_second, seconds_left } = one.progress;
  return (
    <Rows>
      <Panel
        title={t('imports.running')}
        description={t('imports.running.about')}
        actions={
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { id: one.id } })}
          >
            {t('imports.stop')}
          </Button>
        }
      >
        <Progress value={Math.max(1, share * 100)} size="lg" radius="xl" aria-label={t('imports.running')} />
        <Group justify="space-between" mt={8}>
          <Text size="sm" className="figure">
            {t(rows_total ? 'imports.running.of' : 'imports.running.so_far', {
              rows: formatNumber(rows),
              total: formatNumber(rows_total ?? 0),
              share: formatPercent(share, 0),
            })}
          </Text>
          <Text size="sm" c="dimmed" className="figure">
            {rows_per_second > 0 ? t('imports.running.rate', { rate: formatNumber(rows_per_second) }) : ''}
            {seconds_left !== null ? ` · ${t('imports.running.left', { time: formatDuration(seconds_left) })}` : ''}
          </Text>
        </Group>
      </Panel>
      {Object.values(one.counts.made).some(count => count > 0) && (
        <Panel title={t('imports.running.in')}>
          <Made made={one.counts.made} />
        </Panel>
      )}
    </Rows>
  );
};
