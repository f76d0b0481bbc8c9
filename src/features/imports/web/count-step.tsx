import { Button, Group, Progress, Text } from '@mantine/core';
import { IconArrowLeft, IconPlayerPlay } from '@tabler/icons-react';
import { formatNumber, notifyError, Panel, Rows, TimeText, useMutationOf, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import { AddsUp, Made } from './counts.tsx';
import classes from './imports.module.css';
import { Notice } from './notice.tsx';

/** The dry run: what the import would do, before anything is written. */
export const CountStep = ({ one, onBack }: { one: ImportAnswer; onBack: () => void }) => {
  const t = useTexts();
  const start = useMutationOf('POST /api/imports/:id/start', {
    invalidates: ['/api/imports'],
    onError: error => notifyError(error),
  });
  if (one.state === 'checking' || !one.dry_run) return <Counting one={one} />;
  const { counts, from, until, currencies, warnings } = one.dry_run;
  return (
    <Rows>
      <Panel title={t('imports.count.title')} description={t('imports.count.about')}>
        <Made made={counts.made} />
        <Group gap="xl" mt="lg">
          {from && until && (
            <Text size="sm">
              {t('imports.count.range')} <TimeText value={from} style="day" /> – <TimeText value={until} style="day" />
            </Text>
          )}
          {Object.keys(currencies).length > 0 && (
            <Text size="sm">
              {t('imports.count.currencies')}{' '}
              {Object.entries(currencies)
                .map(([code, count]) => `${code} (${formatNumber(count)})`)
                .join(', ')}
            </Text>
          )}
        </Group>
      </Panel>
      {warnings.length > 0 && (
        <Notice tone="info" title={t('imports.count.look')}>
          <ul className={classes.problems}>
            {warnings.map(warning => (
              <li key={warning.code}>
                {t(`imports.warning.${warning.code}`, {
                  ...warning.values,
                  number: formatNumber(Number(warning.values?.count ?? 0)),
                })}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Panel title={t('imports.sum.title')}>
        <AddsUp counts={counts} isPlan />
      </Panel>
      <div className={classes.foot}>
        <Button variant="default" size="md" leftSection={<IconArrowLeft size={18} />} onClick={onBack}>
          {t('imports.count.back')}
        </Button>
        <Button
          size="md"
          leftSection={<IconPlayerPlay size={18} />}
          loading={start.isPending}
          onClick={() => start.mutate({ params: { id: one.id } })}
        >
          {t('imports.start', { rows: formatNumber(counts.kept) })}
        </Button>
      </div>
    </Rows>
  );
};

const Counting = ({ one }: { one: ImportAnswer }) => {
  const t = useTexts();
  const cancel = useMutationOf('POST /api/imports/:id/cancel', {
    invalidates: ['/api/imports'],
    onError: error => notifyError(error),
  });
  return (
    <Panel title={t('imports.counting')} description={t('imports.nothing_written')}>
      <Progress value={Math.max(2, one.progress.share * 100)} size="lg" radius="xl" aria-label={t('imports.counting')} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ params: { id: one.id } })}>
          {t('imports.stop_counting')}
        </Button>
      </Group>
    </Panel>
  );
};
