/** What a page shows before, instead of and without its content: skeletons, errors in words, empty states that teach one action. */
import { Button, Skeleton, Title, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { hasText, say, useTexts } from '../texts.ts';
import { Illustration, type Picture } from './illustration.tsx';
import classes from './states.module.css';

/** An error as a sentence: the reader's language where a text `error.<code>` exists, else the server's own English sentence. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ApiError) {
    const key = `error.${error.code}`;
    return hasText(key) ? say(key, error.values) : error.message;
  }
  return say('ui.error.unexpected');
};

type ErrorStateProps = { error: unknown; onRetry?: () => void; title?: string };
/** A failed read: what happened and a way on. Everything typed elsewhere on the page stays. */
export const ErrorState = ({ error, onRetry, title }: ErrorStateProps) => {
  const t = useTexts();
  return (
    <div className={classes.state} role="alert">
      <IconAlertTriangle size={28} className={classes.bad} aria-hidden />
      <Title order={2} size="h3">
        {title ?? t('ui.error.title')}
      </Title>
      <p className={classes.words}>{sentenceOf(error)}</p>
      {onRetry && (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
          {t('ui.retry')}
        </Button>
      )}
    </div>
  );
};

type EmptyStateProps = {
  title: string;
  /** What will be here and why it helps. */
  children?: ReactNode;
  picture?: Picture;
  /** The one action that fills it. */
  action?: ReactNode;
  order?: 1 | 2 | 3;
};
export const EmptyState = ({ title, children, picture = 'list', action, order = 2 }: EmptyStateProps) => (
  <div className={classes.state}>
    <Illustration picture={picture} />
    <Title order={order} size="h3">
      {title}
    </Title>
    {children && <div className={classes.words}>{children}</div>}
    {action}
  </div>
);

/** Grey lines in place of words that are on their way. Told to screen readers once. */
export const SkeletonLines = ({ lines = 4 }: { lines?: number }) => {
  const t = useTexts();
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">{t('ui.loading')}</VisuallyHidden>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={14} radius="sm" mb={12} width={`${92 - ((index * 23) % 45)}%`} />
      ))}
    </div>
  );
};

export const SkeletonPanel = ({ height_px = 160 }: { height_px?: number }) => (
  <div className={classes.panel} style={{ minBlockSize: height_px }}>
    <Skeleton height={16} width="38%" radius="sm" mb={18} />
    <SkeletonLines lines={Math.max(1, Math.floor((height_px - 70) / 28))} />
  </div>
);

/** While a page's code is on its way. */
export const SkeletonPage = () => (
  <div>
    <Skeleton height={28} width={220} radius="sm" mb={24} />
    <SkeletonPanel height_px={320} />
  </div>
);

type LoadedProps<T> = {
  query: { data: T | undefined; error: Error | null; isPending: boolean; refetch: () => unknown };
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
};
/** The three states of a read in one place: `<Loaded query={customer}>{customer => ...}</Loaded>` */
export const Loaded = <T,>({ query, skeleton, children }: LoadedProps<T>) => {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <>{skeleton ?? <SkeletonPanel />}</>;
};
