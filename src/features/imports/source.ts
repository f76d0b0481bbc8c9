/** A place that files are fetched from by a schedule: the words a person chose, and what follows from them. Pure. */
import { Cron } from 'croner';

export type Every = 'hour' | 'day' | 'week' | 'month';
export type Schedule = { every: Every; at_time: string; weekday: number; month_day: number };

export type SourceRow = Schedule & {
  id: string;
  name: string;
  place: 'url' | 'folder';
  address: string;
  pattern: string;
  auth: 'none' | 'basic' | 'bearer';
  user_name: string | null;
  secret: string | null;
  secret_last4: string | null;
  secret_set_at: Date | null;
  shop_id: string;
  kind: string | null;
  mapping_id: string | null;
  rule: string;
  only_when_changed: boolean;
  paused_at: Date | null;
  next_due_at: Date | null;
  failures: number;
  etag: string | null;
  last_modified: string | null;
  sha256: string | null;
  created_by: string;
  created_by_id: string | null;
  created_at: Date;
  deleted_at: Date | null;
  version: number;
};

/** As a cron rule: minute, hour, day of the month, month, weekday. Hourly ones keep the minute. */
export const ruleOf = ({ every, at_time, weekday, month_day }: Schedule): string => {
  const [hour, minute] = at_time.split(':').map(Number);
  if (every === 'hour') return `${minute} * * * *`;
  if (every === 'day') return `${minute} ${hour} * * *`;
  if (every === 'week') return `${minute} ${hour} * * ${weekday % 7}`;
  return `${minute} ${hour} ${month_day} * *`;
};

/** The next time after `now`, in the organisation's zone. */
export const nextDue = (rule: string, zone: string, now: Date): Date => new Cron(rule, { timezone: zone }).nextRun(now)!;

/** A failed visit is tried again soon, three times; then staff are told and the schedule goes on. */
export const mostTries = 4;
const firstRetry_minutes = 5;
/** 5, 10, 20 minutes. */
export const retryAt = (failures: number, now: Date): Date =>
  new Date(now.getTime() + firstRetry_minutes * 2 ** (failures - 1) * 60_000);

/**
 * "*.csv", "orders-????.csv": whether a file's name fits. Case does not matter. Walks both texts once, going back to the last star only:
 * a regular expression made of many stars would take for ever on a name made for it.
 */
export const fitsPattern = (pattern: string, name: string): boolean => {
  const wanted = pattern.toLowerCase();
  const given = name.toLowerCase();
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let i = 0; i < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      taken = i;
    } else if (wanted[at] === '?' || wanted[at] === given[i]) {
      at++;
      i++;
    } else if (star !== -1) {
      at = star + 1;
      i = ++taken;
    } else return false;
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
};

/** "erp/nightly" as its parts; null: not a plain path below the inbox. */
export const folderParts = (folder: string): string[] | null => {
  const parts = folder.split('/').filter(part => part !== '');
  return !folder.startsWith('/') && parts.every(part => /^[\p{L}\p{N}_ -][\p{L}\p{N}_. -]*$/u.test(part)) ? parts : null;
};
