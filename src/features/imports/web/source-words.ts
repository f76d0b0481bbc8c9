import { type Say, useTexts } from '../../../ui/index.ts';
import type { SourceAnswer } from '../source-contract.ts';

type Schedule = Pick<SourceAnswer, 'every' | 'at_time' | 'weekday' | 'month_day'>;

const scheduleIn = (t: Say, { every, at_time, weekday, month_day }: Schedule): string =>
  t(`imports.source.schedule.${every}`, {
    time: at_time,
    minute: at_time.slice(3),
    day: every === 'week' ? t(`imports.source.weekday.${weekday}`) : month_day,
  });

/** "Every day at 05:30". */
export const useSchedule = (): ((source: Schedule) => string) => {
  const t = useTexts();
  return source => scheduleIn(t, source);
};

/** How a source stands, in one word. */
export const standingOf = (source: SourceAnswer): 'paused' | 'failing' | 'waiting' | 'fine' | 'new' => {
  if (source.paused_at) return 'paused';
  if (source.last_run === null) return 'new';
  return source.last_run.outcome === 'failed' ? 'failing' : source.last_run.outcome === 'waiting' ? 'waiting' : 'fine';
};

export const standingTones = { paused: 'quiet', failing: 'bad', waiting: 'warn', fine: 'good', new: 'info' } as const;
