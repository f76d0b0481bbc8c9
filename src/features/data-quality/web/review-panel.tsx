/** The monthly review: what changed since the last one, and saying that it is done. */
import { Anchor, Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import {
  type AnswerOf,
  formatNumber,
  Link,
  Name,
  notifyDone,
  notifyError,
  Panel,
  StatusBadge,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './quality.module.css';

type Quality = AnswerOf<'GET /api/data-quality'>;
type Review = Quality['reviews'][number];

const monthOf = (day: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang || 'en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );

export const ReviewPanel = ({ quality }: { quality: Quality }) => {
  const t = useTexts();
  const [mayWrite, maySettle] = [useMay('data-quality:write'), useMay('shops:write')];
  const settings = useQueryOf('GET /api/data-quality/settings').data;
  const review = quality.reviews[0];
  const start = useMutationOf('POST /api/data-quality/reviews', {
    invalidates: ['/api/data-quality'],
    onError: error => notifyError(error),
  });
  const finish = useMutationOf('POST /api/data-quality/reviews/:id/done', {
    invalidates: ['/api/data-quality', '/api/tasks'],
    onSuccess: () => notifyDone(t('data-quality.review.finished')),
    onError: error => notifyError(error),
  });
  return (
    <Panel title={t('data-quality.review.title')}>
      {review ? (
        <>
          <p className={classes.reviewHead}>
            <b>{monthOf(review.month)}</b>{' '}
            {review.done_at ? (
              <StatusBadge tone="good">{t('data-quality.review.was_done', { name: review.done_by ?? '' })}</StatusBadge>
            ) : (
              <StatusBadge tone="warn">{t('data-quality.review.due', { month: monthOf(review.month) })}</StatusBadge>
            )}
          </p>
          {review.reviewer && (
            <p className={classes.quiet}>
              <Name>{t('data-quality.review.for', { name: review.reviewer })}</Name>
            </p>
          )}
          <Summary review={review} quality={quality} />
          {!review.done_at && mayWrite && (
            <Button
              fullWidth
              mt="sm"
              leftSection={<IconCheck size={16} />}
              loading={finish.isPending}
              onClick={() => finish.mutate({ params: { id: review.id }, body: {} })}
            >
              {t('data-quality.review.done')}
            </Button>
          )}
        </>
      ) : (
        <>
          <p className={classes.quiet}>{t('data-quality.review.none')}</p>
          {mayWrite && (
            <Button mt="sm" variant="default" loading={start.isPending} onClick={() => start.mutate({ body: {} })}>
              {t('data-quality.review.start')}
            </Button>
          )}
        </>
      )}
      {settings?.reviewer_id === null && (
        <p className={classes.quiet}>
          {t('data-quality.review.nobody')}{' '}
          {maySettle && (
            <Anchor component={Link} to="/settings/customer-data" size="sm">
              {t('data-quality.review.name_somebody')}
            </Anchor>
          )}
        </p>
      )}
    </Panel>
  );
};

const Summary = ({ review, quality }: { review: Review; quality: Quality }) => {
  const t = useTexts();
  const nameOf = (code: string): string => {
    const texts = quality.rules.find(rule => rule.code === code)?.texts;
    return texts ? t(`${texts}.title`) : code;
  };
  const first = review.summary.every(line => line.before === null);
  const lines = review.summary.flatMap(line => {
    if (first)
      return line.now > 0
        ? [{ code: line.code, text: t('data-quality.review.new', { rule: nameOf(line.code), now: line.now }) }]
        : [];
    const by = line.now - (line.before ?? 0);
    if (by === 0) return [];
    const key = by > 0 ? 'data-quality.review.worse' : 'data-quality.review.better';
    return [{ code: line.code, text: t(key, { rule: nameOf(line.code), count: Math.abs(by), now: line.now }) }];
  });
  return (
    <>
      <h3 className={classes.small}>{t('data-quality.review.since')}</h3>
      {review.score !== null && review.score_before !== null && (
        <p>
          {t('data-quality.review.score', { before: formatNumber(review.score_before, 1), now: formatNumber(review.score, 1) })}
        </p>
      )}
      {first && <p className={classes.quiet}>{t('data-quality.review.first')}</p>}
      {!first && lines.length === 0 && <p className={classes.quiet}>{t('data-quality.review.same')}</p>}
      <ul className={classes.changes}>
        {lines.map(line => (
          <li key={line.code}>
            <Link to={`/data-quality/${line.code}`}>{line.text}</Link>
          </li>
        ))}
      </ul>
    </>
  );
};
