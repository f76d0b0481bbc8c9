import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { dayIn } from '../../platform/time.ts';
import { appendEvents, type NewEvent } from '../tracking/index.ts';
import type { MembershipChange } from './clickhouse.ts';

/** Who changes memberships holds this lock in its transaction: the evaluate stage and a full refresh take turns. */
const membershipLock = 7_230_090;
export const lockMemberships = async (context: Context): Promise<void> => {
  await context.postgres`select pg_advisory_xact_lock(${membershipLock})`;
};

/**
 * `cause`: something happened (event), time went by (time), or the segment was defined anew (definition). `why`: paths of the conditions that
 * made the difference; null = not worked out.
 */
export type Change = MembershipChange & {
  historical: boolean;
  version: number;
  cause: 'event' | 'time' | 'definition';
  why: readonly string[] | null;
};

const portion = 20_000;

/**
 * Writes entries and exits in the caller's transaction: membership rows, the day's figures, and, for what is not historical, the public
 * announcements. Returns the changes that really were some: entering twice is entering once.
 */
export const applyChanges = async (
  context: Context,
  changes: readonly Change[],
  names: ReadonlyMap<string, string>,
  zone: string,
): Promise<Change[]> => {
  const applied: Change[] = [];
  for (let from = 0; from < changes.length; from += portion) {
    const part = changes.slice(from, from + portion);
    const changed = new Set([...(await enter(context, part)), ...(await leave(context, part))]);
    applied.push(...part.filter(change => changed.has(`${change.segmentId}/${change.customerId}`)));
  }
  await countDay(context, applied, zone);
  await announce(
    context,
    applied.filter(change => !change.historical),
    names,
  );
  return applied;
};

/** An array of arrays has no PostgreSQL type: each travels as text. Paths hold letters, digits and dots only. */
const whyText = (change: Change): string => (change.why === null ? '' : `{${change.why.join(',')}}`);

const keys = (rows: readonly Record<string, unknown>[]): string[] => rows.map(row => `${row.segment_id}/${row.customer_id}`);

const enter = async (context: Context, changes: readonly Change[]): Promise<string[]> => {
  const entered = changes.filter(change => change.member);
  if (entered.length === 0) return [];
  return keys(
    await context.postgres`
      insert into segments.membership (segment_id, customer_id, origin_id, entered_at, version, cause, why)
      select segment_id, customer_id, customer_id, ${context.clock.now()}, version, cause, nullif(why, '')::text[]
      from unnest(${entered.map(change => change.segmentId)}::uuid[], ${entered.map(change => change.customerId)}::bigint[], ${entered.map(change => change.version)}::int[],
        ${entered.map(change => change.cause as string)}::text[], ${entered.map(whyText)}::text[]) as change(segment_id, customer_id, version, cause, why)
      order by segment_id, customer_id
      on conflict do nothing returning segment_id, customer_id`,
  );
};

const leave = async (context: Context, changes: readonly Change[]): Promise<string[]> => {
  const left = changes.filter(change => !change.member);
  if (left.length === 0) return [];
  return keys(
    await context.postgres`
      with change as (
        select * from unnest(${left.map(change => change.segmentId)}::uuid[], ${left.map(change => change.customerId)}::bigint[], ${left.map(change => change.version)}::int[],
          ${left.map(change => change.cause as string)}::text[], ${left.map(whyText)}::text[]) as change(segment_id, customer_id, version, cause, why)),
      gone as (
        delete from segments.membership m using change c where m.segment_id = c.segment_id and m.customer_id = c.customer_id
        returning m.*, c.version as left_version, c.cause as left_cause, c.why as left_why)
      insert into segments.stay (segment_id, origin_id, customer_id, entered_at, entered_version, entered_cause, entered_why, left_at, left_version, left_cause, left_why)
      select segment_id, origin_id, customer_id, entered_at, version, cause, why, ${context.clock.now()}, left_version, left_cause, nullif(left_why, '')::text[]
      from gone returning segment_id, customer_id`,
  );
};

/** Members of each changed segment, and how many came and went on this day of the organisation's zone. */
const countDay = async (context: Context, applied: readonly Change[], zone: string): Promise<void> => {
  const figures = new Map<string, { entered: number; exited: number }>();
  for (const change of applied) {
    const one = figures.get(change.segmentId) ?? { entered: 0, exited: 0 };
    figures.set(change.segmentId, one);
    if (change.member) one.entered += 1;
    else one.exited += 1;
  }
  const today = dayIn(zone, context.clock.now());
  for (const [segmentId, { entered, exited }] of [...figures].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await context.postgres`
      with counted as (
        update segments.segment set members = members + ${entered - exited} where id = ${segmentId} returning coalesce(members, 0) as members)
      insert into segments.day (segment_id, day, members, entered, exited) select ${segmentId}, ${today}, members, ${entered}, ${exited} from counted
      on conflict (segment_id, day) do update
        set members = excluded.members, entered = segments.day.entered + excluded.entered, exited = segments.day.exited + excluded.exited`;
    await context.live.publish('segment', { id: segmentId });
  }
};

/** Announcements to other features, and public ones to the event log. Ids are made of what happened, so a repeated run writes no second event. */
const announce = async (context: Context, applied: readonly Change[], names: ReadonlyMap<string, string>): Promise<void> => {
  if (applied.length === 0) return;
  const now = context.clock.now();
  const events = applied.map(
    (change): NewEvent => ({
      id: eventId(change, now),
      customerId: change.customerId,
      name: change.member ? 'Segment Entered' : 'Segment Exited',
      time: now,
      shopId: null,
      source: 'segments',
      historical: false,
      properties: { segment_id: change.segmentId, segment_name: names.get(change.segmentId) ?? '' },
    }),
  );
  await appendEvents(context, events);
  for (const segmentId of new Set(applied.map(change => change.segmentId))) {
    for (const member of [true, false]) {
      const ids = applied
        .filter(change => change.segmentId === segmentId && change.member === member)
        .map(change => String(change.customerId));
      if (ids.length > 0)
        await context.announce(member ? 'segments.entered' : 'segments.exited', { segment_id: segmentId, customer_ids: ids });
    }
  }
};

const eventId = (change: Change, at: Date): string => {
  const hash = createHash('sha256')
    .update(`segments/${change.segmentId}/${change.customerId}/${change.member}/${at.getTime()}`)
    .digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
};
