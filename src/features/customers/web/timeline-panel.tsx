/** Everything that happened, newest first, filtered by kind. */
import { Button, Chip, Group } from '@mantine/core';
import { IconBell, IconGitMerge, IconMail, IconNote, IconReceipt, IconShieldCheck } from '@tabler/icons-react';
import {
  type AnswerOf,
  EmptyState,
  ErrorState,
  MoneyText,
  many,
  SkeletonPanel,
  StatusBadge,
  Timeline,
  type TimelineItem,
  useListOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './customers.module.css';

type Entry = AnswerOf<'GET /api/customers/:id/timeline'>['data'][number];
const icons: Record<string, TimelineItem['icon']> = {
  order: IconReceipt,
  note: IconNote,
  consent: IconShieldCheck,
  merge: IconGitMerge,
  message: IconMail,
};

export const TimelinePanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ kinds: many() });
  const kinds = useQueryOf('GET /api/facts', {}, { staleTime_ms: 60_000 }).data?.timeline_kinds ?? [];
  const list = useListOf('GET /api/customers/:id/timeline', { params: { id: customerId }, query: { kinds: url.kinds } });
  const itemOf = (entry: Entry): TimelineItem => ({
    key: `${entry.kind}/${entry.id}`,
    at: entry.at,
    icon: icons[entry.kind] ?? IconBell,
    tone: entry.kind === 'note' ? 'warn' : entry.kind === 'order' ? 'good' : 'info',
    title: t(entry.title, translated(t, entry.values)),
    to: entry.link ?? undefined,
    aside:
      entry.amount_minor !== null && entry.currency ? (
        <MoneyText money={{ amount_minor: entry.amount_minor, currency: entry.currency }} />
      ) : undefined,
    body: (
      <>
        {entry.body && <bdi>{entry.body}</bdi>}
        {entry.details.length > 0 && (
          <div className={classes.quiet}>
            {entry.details.map(detail => (
              <span key={detail.label}>
                {t(detail.label)}: <bdi>{detail.value}</bdi>{' '}
              </span>
            ))}
          </div>
        )}
        {entry.historical && <StatusBadge>{t('customers.timeline.historical')}</StatusBadge>}
      </>
    ),
  });
  return (
    <>
      {kinds.length > 1 && (
        <Chip.Group multiple value={url.kinds} onChange={value => setUrl({ kinds: value })}>
          <Group gap={6} className={classes.kinds} role="group" aria-label={t('customers.timeline.filter')}>
            {kinds.map(kind => (
              <Chip key={kind.kind} value={kind.kind} size="sm" variant="light">
                {t(kind.label)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      {list.error ? (
        <ErrorState error={list.error} onRetry={list.reload} />
      ) : list.isLoading ? (
        <SkeletonPanel height_px={260} />
      ) : list.rows.length === 0 ? (
        <EmptyState title={t('customers.timeline.empty')}>
          {t(url.kinds.length > 0 ? 'customers.timeline.empty_filtered' : 'customers.timeline.empty_why')}
        </EmptyState>
      ) : (
        <>
          <Timeline items={list.rows.map(itemOf)} label={t('customers.tab.timeline')} />
          {list.hasMore && (
            <Button variant="default" size="sm" onClick={list.loadMore} loading={list.isLoadingMore}>
              {t('customers.timeline.older')}
            </Button>
          )}
        </>
      )}
    </>
  );
};

/** Channels and the like arrive as codes. */
const translated = (t: ReturnType<typeof useTexts>, values: Entry['values']): Entry['values'] =>
  'channel' in values ? { ...values, channel: t(`consent.channel.${values.channel}`) } : values;
