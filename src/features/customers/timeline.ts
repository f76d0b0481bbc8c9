/** One timeline of everything: each feature reads its own entries, this weaves them together, newest first. */
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { type TimelineEntry, type TimelineSource, timelineEntries } from './slots.ts';

/** Where a page ended: the time and, per kind that had an entry at that very time, the last id. */
type Mark = { at: string; ids: Record<string, string> };

export const readTimeline = async (
  context: Context,
  input: { customerId: number; kinds: readonly string[]; before?: string; limit: number },
): Promise<{ entries: TimelineEntry[]; next: string | null }> => {
  const sources = context.slots
    .all(timelineEntries)
    .filter(source => maySee(context.actor, source.group) && (input.kinds.length === 0 || input.kinds.includes(source.kind)));
  const mark = readMark(input.before);
  const read = await Promise.all(
    sources.map(source =>
      source.read(context, [input.customerId], { before: mark && beforeOf(mark, source.kind), limit: input.limit + 1 }),
    ),
  );
  const entries = read.flat().sort(newestFirst);
  const shown = entries.slice(0, input.limit);
  return { entries: shown, next: entries.length > input.limit ? writeMark(shown, mark) : null };
};

const newestFirst = (a: TimelineEntry, b: TimelineEntry): number =>
  b.at.getTime() - a.at.getTime() || (a.kind === b.kind ? (a.id < b.id ? 1 : -1) : a.kind < b.kind ? -1 : 1);

/** No id begins with z: of a kind that had no entry at that very time, everything at it is still to come. */
const beforeOf = (mark: Mark, kind: string): { at: Date; id: string } => ({
  at: new Date(mark.at),
  id: mark.ids[kind] ?? 'zzzzzzzz',
});

const writeMark = (shown: readonly TimelineEntry[], previous: Mark | null): string => {
  const last = shown.at(-1)!;
  const at = last.at.toISOString();
  const ids = previous?.at === at ? { ...previous.ids } : {};
  for (const entry of shown) if (entry.at.getTime() === last.at.getTime()) ids[entry.kind] = entry.id;
  return Buffer.from(JSON.stringify({ at, ids })).toString('base64url');
};

const readMark = (text: string | undefined): Mark | null => {
  if (!text) return null;
  try {
    const mark = JSON.parse(Buffer.from(text, 'base64url').toString()) as Mark;
    if (!Number.isNaN(Date.parse(mark.at)) && typeof mark.ids === 'object') return mark;
  } catch {
    // Said below.
  }
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return { at: at.toISOString(), ids: {} };
  throw new Refusal('malformed', 'customers.before', '"before" must be a time, or the mark of the page before.');
};

export const noteTimeline: TimelineSource = {
  kind: 'note',
  label: 'customers.timeline.notes',
  group: 'notes',
  read: async (context, customerIds, page) => {
    const rows = await context.postgres`
      select id::text as id, at, text, by_whom from customers.note
      where customer_id = any(${customerIds as number[]}::bigint[]) and (${page.before === null} or (at, id::text) < (${page.before?.at ?? new Date(0)}, ${page.before?.id ?? ''}))
      order by at desc, id::text desc limit ${page.limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id,
        kind: 'note',
        at: row.at,
        title: 'customers.timeline.note',
        values: { name: row.by_whom },
        body: row.text,
      }),
    );
  },
};

export const mergeTimeline: TimelineSource = {
  kind: 'merge',
  label: 'customers.timeline.merges',
  group: null,
  read: async (context, customerIds, page) => {
    const rows = await context.postgres`
      select * from (
        select id::text as id, at, 'customers.timeline.merged' as title, by_whom, loser_id from customers.merge
        where winner_id = any(${customerIds as number[]}::bigint[]) or loser_id = any(${customerIds as number[]}::bigint[])
        union all
        select id || '/undone', undone_at, 'customers.timeline.merge_undone', undone_by, loser_id from customers.merge
        where undone_at is not null and (winner_id = any(${customerIds as number[]}::bigint[]) or loser_id = any(${customerIds as number[]}::bigint[]))) entries
      where ${page.before === null} or (at, id) < (${page.before?.at ?? new Date(0)}, ${page.before?.id ?? ''})
      order by at desc, id desc limit ${page.limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id,
        kind: 'merge',
        at: row.at,
        title: row.title,
        values: { name: row.by_whom, id: String(row.loser_id) },
      }),
    );
  },
};
