/**
 * Import kinds: what people did elsewhere, one row per event. Results of messages become our own words (Message Opened...), so that
 * engagement does not begin at zero; unsubscribes, complaints and hard bounces close the address.
 */
import { createHash } from 'node:crypto';
import type { Context } from '../../../platform/context.ts';
import { recordConsents, recordSuppressions, undoImportedConsents } from '../../consent/index.ts';
import { normaliseEmail } from '../../customers/index.ts';
import { appendEvents, type NewEvent, removeEvents } from '../../tracking/index.ts';
import { bringCustomers, takeBackCustomers } from '../bring-customers.ts';
import { defineImportKind, type ImportKind, type Numbered, type Previewer, type Run, type Written } from '../kind.ts';
import { openCustomerPreview } from '../preview-customers.ts';
import { openTally } from '../tally.ts';
import { en } from '../texts/en.ts';
import { eventFields, eventOptions } from './event-fields.ts';
import { type EventRecord, readEvents } from './read-events.ts';

/** A stable UUID (RFC 9562 version 8) from what a row says, so that the same row brought again is the same event. */
const eventId = (run: Run, record: EventRecord): string => {
  const who = [record.userId, normaliseEmail(record.email) ?? '', record.shopCustomerId, record.phone].join('\u0000');
  const text = JSON.stringify([run.shopId, who, record.name, record.at.toISOString(), record.properties]);
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Which of these are in the log already. The times let PostgreSQL leave months out. */
const knownIds = async (context: Context, events: readonly NewEvent[]): Promise<Set<string>> => {
  const times = events.map(event => event.time.getTime());
  const rows = await context.postgres`
    select id from tracking.event where id = any(${events.map(event => event.id)}::uuid[])
      and time between ${new Date(Math.min(...times))} and ${new Date(Math.max(...times))}`;
  return new Set(rows.map(row => row.id as string));
};

const write = async (context: Context, run: Run, rows: readonly Numbered<EventRecord>[]): Promise<Written> => {
  const { origins, created, known } = await bringCustomers(
    context,
    run,
    rows.map(({ record }) => ({ ...record, traits: {}, first: record.at, last: record.at })),
  );
  const result: Written = { added: 0, merged: [], skipped: [], noted: [], made: { customers: created, customers_known: known } };
  const events = new Map<string, NewEvent>();
  const present: { row: number; record: EventRecord; originId: number }[] = [];
  rows.forEach(({ row, record }, index) => {
    const originId = origins[index];
    if (originId === null) {
      result.skipped.push({ row, reason: { code: 'nobody_usable', field: 'email' } });
      return;
    }
    const id = eventId(run, record);
    if (events.has(id)) {
      result.merged.push({ row, reason: { code: 'same_event' } });
      return;
    }
    const { name, at: time, properties } = record;
    events.set(id, {
      id,
      customerId: originId,
      name,
      time,
      shopId: run.shopId,
      source: 'file',
      importId: run.importId,
      historical: true,
      properties,
    });
    present.push({ row, record, originId });
  });
  if (events.size === 0) return result;
  const inLog = await knownIds(context, [...events.values()]);
  const fresh = [...events.values()].filter(event => !inLog.has(event.id));
  await appendEvents(context, fresh);
  result.added = fresh.length;
  result.made.events = fresh.length;
  await closeAddresses(context, run, present, result);
  return result;
};

const closeAddresses = async (
  context: Context,
  run: Run,
  present: readonly { row: number; record: EventRecord; originId: number }[],
  result: Written,
): Promise<void> => {
  const by = { source: `import:${run.importId}`, importId: run.importId, historical: true };
  const left = present.filter(({ record }) => record.effect === 'unsubscribe');
  const decisions = await recordConsents(
    context,
    left.map(({ record, originId }) => ({
      originId,
      channel: record.channel!,
      state: 'unsubscribed',
      at: record.at,
      reason: null,
    })),
    { speaker: 'import', ...by },
  );
  result.made.consents = decisions.filter(decision => decision === 'record').length;
  result.made.suppressions = await recordSuppressions(
    context,
    present.flatMap(({ record, originId }) =>
      record.effect === 'hard_bounce' || record.effect === 'complaint'
        ? [{ originId, channel: record.channel!, class: record.effect, reason: record.campaign, at: record.at }]
        : [],
    ),
    by,
  );
  for (const { row, record } of present)
    if (record.effect === 'bounce_unclear') result.noted.push({ row, reason: { code: 'bounce_unclear', field: 'bounce_type' } });
};

const undo = async (context: Context, importId: string): Promise<Record<string, number>> => {
  const rows = await context.postgres`select id from tracking.event where import_id = ${importId} order by id`;
  let events = 0;
  for (let at = 0; at < rows.length; at += undoAtOnce)
    events += await removeEvents(
      context,
      rows.slice(at, at + undoAtOnce).map(row => row.id as string),
    );
  return {
    events,
    consents: await undoImportedConsents(context, importId),
    customers: await takeBackCustomers(context, importId),
  };
};
const undoAtOnce = 20_000;

const previewer = async (_context: Context, run: Run): Promise<Previewer<EventRecord>> => {
  const people = openCustomerPreview(run.shopId);
  const seen = openTally();
  const counts = { events: 0, unsubscribes: 0, suppressions: 0 };
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: async (context, rows) => {
      const merged: Written['merged'] = [];
      const noted: Written['noted'] = [];
      for (const { row, record } of rows) {
        if (!seen.add(eventId(run, record))) {
          merged.push({ row, reason: { code: 'same_event' } });
          continue;
        }
        counts.events++;
        if (record.effect === 'unsubscribe') counts.unsubscribes++;
        if (record.effect === 'hard_bounce' || record.effect === 'complaint') counts.suppressions++;
        if (record.effect === 'bounce_unclear') noted.push({ row, reason: { code: 'bounce_unclear', field: 'bounce_type' } });
        from = Math.min(from, record.at.getTime());
        until = Math.max(until, record.at.getTime());
      }
      await people.add(
        context,
        rows.map(one => one.record),
      );
      return { counts: {}, merged, skipped: [], noted };
    },
    end: async () => ({
      counts: { ...counts, ...people.counts() },
      currencies: {},
      from: counts.events > 0 ? new Date(from) : null,
      until: counts.events > 0 ? new Date(until) : null,
      warnings: counts.events > 0 && until > Date.now() + 86_400_000 ? [{ code: 'times_in_future' }] : [],
    }),
  };
};

type Own = Pick<ImportKind, 'code' | 'label' | 'about'> &
  Partial<Pick<ImportKind, 'fields' | 'signatures' | 'rest' | 'guessOptions'>>;

const eventsKind = (own: Own): ImportKind<EventRecord> =>
  defineImportKind<EventRecord>({
    texts: en,
    fields: eventFields,
    options: eventOptions,
    rest: { field: 'property', except: ['leid', 'euid', 'ip', 'latitude', 'longitude', 'gmtoff', 'dstoff'] },
    money: false,
    needs: 'imports:write',
    reader: readEvents,
    write,
    undo,
    previewer,
    check: run =>
      run.mapping.some(one => one.field === 'event_name') || String(run.options.event_name ?? '').trim() !== ''
        ? []
        : [{ code: 'event_unnamed', field: 'event_name' }],
    ...own,
  });

export const plainEvents = eventsKind({
  code: 'events',
  label: 'imports.kind.events',
  about: 'imports.kind.events.about',
  guessOptions: () => ({}),
});

/** Klaviyo's metrics: its own names of message results are known to `messageResultOf`. */
export const klaviyoEvents = eventsKind({
  code: 'klaviyo_events',
  label: 'imports.kind.klaviyo_events',
  about: 'imports.kind.klaviyo_events.about',
  signatures: [
    ['metric', 'email'],
    ['metric name', 'email'],
    ['metric', 'profile email'],
    ['event name', 'klaviyo id'],
    ['metric', 'klaviyo id'],
  ],
});

/** Brevo's raw statistics: one row per message and event (st_text: "Delivered", "Hard bounce"...). */
export const brevoEvents = eventsKind({
  code: 'brevo_events',
  label: 'imports.kind.brevo_events',
  about: 'imports.kind.brevo_events.about',
  signatures: [
    ['st text', 'ts', 'email'],
    ['st text', 'email'],
    ['event', 'camp id', 'email'],
    ['event', 'date event', 'email'],
  ],
});

const campaignIn = (fileName: string): string =>
  fileName
    .split('/')
    .at(-1)!
    .replace(/\.(csv|gz|txt)/gi, '')
    .replace(/^\d+[_-]+/, '')
    .replace(/[_-]+/g, ' ')
    .trim();

/** Mailchimp's account export: one file per campaign and kind of activity, named for it (opens/12345_-_spring-sale.csv). */
export const mailchimpActivity = eventsKind({
  code: 'mailchimp_activity',
  label: 'imports.kind.mailchimp_activity',
  about: 'imports.kind.mailchimp_activity.about',
  signatures: [
    ['email', 'timestamp', 'ip'],
    ['email address', 'timestamp', 'action'],
  ],
  guessOptions: ({ fileName, headers }) => {
    const path = fileName.toLowerCase();
    const named = headers.some(header => ['action', 'event', 'type'].includes(header));
    const opened = /(^|[^a-z])opens?([^a-z]|$)/.test(path);
    const clicked = headers.includes('url') || /(^|[^a-z])clicks?([^a-z]|$)/.test(path);
    return { event_name: named ? '' : clicked ? 'Clicked' : opened ? 'Opened' : '', campaign_name: campaignIn(fileName) };
  },
});
