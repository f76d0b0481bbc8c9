import { Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPlay } from '@tabler/icons-react';
import {
  DownloadButton,
  formatDuration,
  formatNumber,
  Link,
  notifyError,
  Panel,
  Rows,
  Split,
  TimeText,
  useMay,
  useMutationOf,
  useTexts,
} from '../../../ui/index.ts';
import { AsOfProposal } from '../../shops/web/index.tsx';
import type { ImportAnswer } from '../contract.ts';
import { AddsUp, Made } from './counts.tsx';
import classes from './imports.module.css';
import { Notice } from './notice.tsx';

/** What became of every row, and where to go from here. */
export const ResultStep = ({ one }: { one: ImportAnswer }) => {
  const t = useTexts();
  const isIn = one.state === 'done';
  const noted = Object.entries(one.counts.noted).filter(([, count]) => count > 0);
  return (
    <>
      {isIn && <AsOfProposal />}
      {one.state === 'failed' && (
        <Notice tone="bad" title={t('imports.failed.title')} role="alert">
          {one.error?.detail} {t('imports.failed.what')}
        </Notice>
      )}
      {one.state === 'cancelled' && (
        <Notice tone="warn" title={t('imports.cancelled.title')}>
          {t('imports.cancelled.what', { rows: formatNumber(one.progress.rows) })}
        </Notice>
      )}
      <Split aside={<NextSteps one={one} />}>
        <Rows>
          <Panel title={t(one.state === 'undone' ? 'imports.result.undone' : 'imports.result.made')}>
            {Object.values(one.counts.made).some(count => count > 0) ? (
              <Made
                made={one.counts.made}
                links={isIn ? { orders: '/orders', customers: '/customers', products: '/products' } : undefined}
              />
            ) : (
              <Text>{t(one.state === 'undone' ? 'imports.result.nothing_left' : 'imports.result.nothing_new')}</Text>
            )}
          </Panel>
          <Panel title={t('imports.sum.title')}>
            <AddsUp counts={one.counts} />
            {noted.length > 0 && (
              <>
                <Text fw={600} size="sm" mt="md">
                  {t('imports.result.noted')}
                </Text>
                <ul className={classes.problems}>
                  {noted.map(([code, count]) => (
                    <li key={code}>
                      {t(`imports.short.${code}`)}: {formatNumber(count)}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </Panel>
        </Rows>
      </Split>
    </>
  );
};

const NextSteps = ({ one }: { one: ImportAnswer }) => {
  const t = useTexts();
  const mayWrite = useMay('imports:write');
  const undo = useMutationOf('POST /api/imports/:id/undo', {
    invalidates: ['/api/imports'],
    onError: error => notifyError(error),
  });
  const start = useMutationOf('POST /api/imports/:id/start', {
    invalidates: ['/api/imports'],
    onError: error => notifyError(error),
  });
  const canGoOn = one.state === 'cancelled' || one.state === 'failed';
  return (
    <Rows>
      <Panel title={t('imports.next.title')}>
        <div className={classes.actions}>
          {one.state === 'done' && (
            <>
              <Button component={Link} to="/" size="md" fullWidth>
                {t('imports.next.today')}
              </Button>
              <Button component={Link} to="/customers" variant="default" fullWidth>
                {t('imports.next.customers')}
              </Button>
            </>
          )}
          {mayWrite && canGoOn && (
            <Button
              size="md"
              fullWidth
              leftSection={<IconPlayerPlay size={16} />}
              loading={start.isPending}
              onClick={() => start.mutate({ params: { id: one.id } })}
            >
              {t('imports.go_on')}
            </Button>
          )}
          <Button component={Link} to="/imports" variant="default" fullWidth>
            {t('imports.next.another')}
          </Button>
        </div>
      </Panel>
      {mayWrite && one.report_rows > 0 && (
        <Panel title={t('imports.report.title')}>
          <Text size="sm" mb="sm">
            {t('imports.report.about')}
          </Text>
          <DownloadButton address={`/api/imports/${one.id}/errors.csv`} fileName="rows-to-mend.csv" fullWidth>
            {t('imports.report.download')}
          </DownloadButton>
        </Panel>
      )}
      {mayWrite && one.state !== 'undone' && (
        <Panel title={t('imports.undo.title')}>
          <Text size="sm" mb="sm">
            {t('imports.undo.about')}
          </Text>
          <Button
            variant="default"
            fullWidth
            leftSection={<IconArrowBackUp size={16} />}
            loading={undo.isPending}
            onClick={() => undo.mutate({ params: { id: one.id } })}
          >
            {t('imports.undo')}
          </Button>
        </Panel>
      )}
      <Text size="sm" c="dimmed">
        {one.finished_at && (
          <Group gap={4} component="span">
            <TimeText value={one.finished_at} />
            {one.took_ms > 0 && <span>· {t('imports.result.took', { time: formatDuration(one.took_ms / 1000) })}</span>}
          </Group>
        )}
      </Text>
    </Rows>
  );
};
