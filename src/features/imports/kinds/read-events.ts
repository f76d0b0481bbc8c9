/** One row of a file of events: who did what when, and what it means for their address. Pure. */
import type { Channel } from '../../consent/index.ts';
import { normaliseEmail, normalisePhone } from '../../customers/index.ts';
import { cleanValue, parseExact } from '../../tracking/index.ts';
import { cellReader } from '../cells.ts';
import type { RowRead, Run } from '../kind.ts';
import { bounceOf, messageResultOf } from '../message-result.ts';
import { customerIdOf, type Said } from '../preview-customers.ts';
import { channelOf, typedValue } from './read-customers.ts';

export type EventRecord = Said & {
  userId: string;
  name: string;
  at: Date;
  properties: Record<string, unknown>;
  channel: Channel | null;
  campaign: string;
  /** What it does to the address. */
  effect: 'unsubscribe' | 'hard_bounce' | 'complaint' | 'bounce_unclear' | null;
};

/** Orders write these themselves; a second source would count every sale twice. */
const ofOrders = new Set([
  'order completed',
  'order refunded',
  'order cancelled',
  'placed order',
  'ordered product',
  'refunded order',
  'cancelled order',
]);
const mostProperties = 100;
/** As the door for events: 32 kB. */
const largestProperties = 32_768;

export const readEvents = (run: Run): ((cells: readonly string[]) => RowRead<EventRecord>) => {
  const cells = cellReader(run);
  const read = Object.fromEntries(
    [
      'event_name',
      'email',
      'phone',
      'customer_id',
      'user_id',
      'channel',
      'campaign',
      'subject',
      'url',
      'bounce_type',
      'properties',
      'happened_at',
    ].map(code => [code, cells.text(code)]),
  );
  const time = cells.time('happened_at');
  const extra = cells.many('property');
  const usual = { name: String(run.options.event_name ?? '').trim(), campaign: String(run.options.campaign_name ?? '').trim() };
  const defaultChannel = (run.options.default_channel as Channel | null) ?? 'email';
  const skip = (code: string, field: string, value = ''): RowRead<EventRecord> => ({
    skip: { code, field, values: value === '' ? undefined : { value: value.slice(0, 80) } },
  });

  return row => {
    const said = {
      shopCustomerId: customerIdOf(read.customer_id(row)),
      email: read.email(row),
      phone: read.phone(row),
      userId: read.user_id(row),
    };
    if (said.email !== '' && normaliseEmail(said.email) === null) return skip('not_an_email', 'email', said.email);
    if (said.phone !== '' && normalisePhone(said.phone) === null) said.phone = '';
    if (Object.values(said).every(one => one === '')) return skip('nobody', 'email');
    const at = time(row);
    if (at === undefined) return skip('missing', 'happened_at');
    if (at === null) return skip('not_a_time', 'happened_at', read.happened_at(row));
    const written = read.event_name(row) || usual.name;
    if (written === '') return skip('missing', 'event_name');
    if (ofOrders.has(written.toLowerCase())) return skip('event_of_orders', 'event_name', written);
    const properties = propertiesIn(read.properties(row));
    if (properties === null) return skip('not_json', 'properties', read.properties(row));
    for (const { name, column, read: readCell } of extra.slice(0, mostProperties))
      if (readCell(row) !== '') properties[name || column] = cleanValue(typedValue(readCell(row), run), name || column);
    const result = run.options.message_results === false ? null : messageResultOf(written);
    if (result === null)
      return {
        record: { ...said, name: written.slice(0, 200), at, properties, channel: null, campaign: '', effect: null },
        group: null,
      };
    const stated = read.channel(row);
    const channel = stated === '' ? (result.channel ?? defaultChannel) : channelOf(stated);
    if (channel === null) return skip('not_a_channel', 'channel', stated);
    const campaign = read.campaign(row) || usual.campaign;
    const bounce = result.name === 'Message Bounced' ? (bounceOf(read.bounce_type(row)) ?? result.bounce) : null;
    const facts = { channel, campaign, subject: read.subject(row), url: read.url(row), bounce: bounce ?? '' };
    for (const [key, value] of Object.entries(facts)) if (value !== '') properties[key] = value;
    const record: EventRecord = {
      ...said,
      name: result.name,
      at,
      properties,
      channel,
      campaign,
      effect: effectOf(result.name, bounce),
    };
    return { record, group: null };
  };
};

const effectOf = (name: string, bounce: 'hard' | 'soft' | null): EventRecord['effect'] => {
  if (name === 'Unsubscribed') return 'unsubscribe';
  if (name === 'Message Complained') return 'complaint';
  if (name !== 'Message Bounced' || bounce === 'soft') return null;
  return bounce === 'hard' ? 'hard_bounce' : 'bounce_unclear';
};

/** A cell of JSON; null: it is none. Empty: nothing said. */
const propertiesIn = (text: string): Record<string, unknown> | null => {
  if (text === '') return {};
  if (text.length > largestProperties) return null;
  try {
    const value = cleanValue(parseExact(text));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
};
