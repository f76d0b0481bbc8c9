/**
 * What changed here flows to the shop: marketing consent and tags, where the connection's switch is on. What the shop itself said is not sent
 * back to it. Each change is a row with its outcome; whoever spoke last is right, in doubt the stricter word.
 */
import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import type { Reaction } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Connection, sourceOf } from './connection.ts';
import type { WriteBack, WriteBackOutcome } from './connector.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { noteFailure, troubleOf } from './health.ts';
import { findConnection, recordsOfCustomer } from './postgres.ts';
import { takeTold } from './take-told.ts';

const portion = 20;
const mostAttempts = 8;

/** Settings are texts; a switch is off only when it says so. */
export const writesBack = (connection: Connection): boolean =>
  connection.settings.write_back !== 'off' && connectorOf(connection.kind).writeBack !== undefined;

type Target = {
  connection: Connection;
  outsideId: string;
  tags: string[];
  consents: Record<string, { state: string; at: string }> | null;
};

const targetsOf = async (context: Context, customerId: number): Promise<Target[]> => {
  const targets: Target[] = [];
  for (const record of await recordsOfCustomer(context, customerId)) {
    const connection = await findConnection(context, record.connection_id);
    if (connection && writesBack(connection))
      targets.push({ connection, outsideId: record.outside_id, tags: record.tags ?? [], consents: record.consents });
  }
  return targets;
};

const queue = async (
  context: Context,
  customerId: number,
  target: Target,
  what: 'consent' | 'tags',
  change: object,
): Promise<void> => {
  const { postgres: sql, clock } = context;
  const now = clock.now();
  await sql`
    insert into connections.write_back (connection_id, origin_id, customer_id, outside_id, what, change, at, due_at)
    values (${target.connection.id}, ${customerId}, customers.owner_of(${customerId}), ${target.outsideId}, ${what}, ${sql.json(change as never)}, ${now}, ${now})`;
  await sql`select pg_notify('regulars_work', 'connections')`;
};

const channels = ['email', 'sms'] as const;

/** What holds now and was said elsewhere than in this shop, where the shop's own word differs. */
export const onConsentChanged: Reaction = {
  on: 'consent.changed',
  run: async (context, payload) => {
    const customerId = Number(payload.customer_id);
    const targets = await targetsOf(context, customerId);
    if (targets.length === 0) return;
    const rows = await context.postgres`
      select c.channel, c.state, c.since, s.source, s.brand_id from consent.current c join consent.consent s on s.id = c.consent_id
      where c.customer_id = customers.owner_of(${customerId}) and c.purpose = 'marketing' and c.topic = '' and c.channel = any(${channels as unknown as string[]}::text[])
        and c.state in ('subscribed', 'unsubscribed')`;
    for (const target of targets) {
      const [shop] = await context.postgres`select brand_id from shops.shop where id = ${target.connection.shop_id}`;
      for (const row of rows) {
        const held = target.consents?.[row.channel as string];
        const isElsewhere = row.brand_id !== null && row.brand_id !== shop?.brand_id;
        if (isElsewhere || row.source === sourceOf(target.connection) || held?.state === row.state) continue;
        await queue(context, customerId, target, 'consent', {
          channel: row.channel,
          state: row.state,
          at: (row.since as Date).toISOString(),
        });
      }
    }
  },
};

/** Tags here against those the shop is known to hold: what is more here is added there, what is less is taken away. */
export const onTagged: Reaction = {
  on: 'customers.tagged',
  run: async (context, payload) => {
    const customerId = Number(payload.customer_id);
    const targets = (await targetsOf(context, customerId)).filter(target => target.connection.id !== payload.by_id);
    if (targets.length === 0) return;
    const rows =
      await context.postgres`select distinct tag from customers.tag where customer_id = customers.owner_of(${customerId})`;
    const ours = rows.map(row => row.tag as string);
    for (const target of targets) {
      const add = ours.filter(tag => !target.tags.includes(tag)).sort();
      const remove = target.tags.filter(tag => !ours.includes(tag)).sort();
      if (add.length + remove.length > 0) await queue(context, customerId, target, 'tags', { add, remove });
    }
  },
};

// ---- the worker's side -------------------------------------------------------------------------------------------------

type Row = {
  id: string;
  connection_id: string;
  origin_id: number;
  outside_id: string;
  what: 'consent' | 'tags';
  change: Record<string, unknown>;
  attempts: number;
};

/** Writes one portion; says whether it was a full one. Writing twice is writing once, so a kill in between does no harm. */
export const writeBackDue = async (context: Context): Promise<boolean> => {
  const rows = (await context.postgres`
    select w.* from connections.write_back w join connections.connection c on c.id = w.connection_id
    where w.state = 'waiting' and w.due_at <= ${context.clock.now()} and c.state <> 'paused' order by w.due_at, w.id limit ${portion}`) as unknown as Row[];
  for (const row of rows) await writeOne(context, row);
  return rows.length === portion;
};

const changeOf = (row: Row): WriteBack =>
  row.what === 'tags'
    ? { what: 'tags', customerId: row.outside_id, add: row.change.add as string[], remove: row.change.remove as string[] }
    : {
        what: 'consent',
        customerId: row.outside_id,
        channel: row.change.channel as 'email' | 'sms',
        state: row.change.state as 'subscribed' | 'unsubscribed',
        at: new Date(row.change.at as string),
      };

const writeOne = async (context: Context, row: Row): Promise<void> => {
  const connection = (await findConnection(context, row.connection_id))!;
  const connector = connectorOf(connection.kind);
  try {
    const access = await accessOf(context, connection);
    const outcome = writesBack(connection) ? await connector.writeBack!(access, changeOf(row)) : 'switched_off';
    if (outcome === 'kept_theirs') await readAgain(context, connection, row.outside_id);
    if (outcome === 'written') await remember(context, connection, row);
    await finish(context, row, outcome);
  } catch (error) {
    await putOff(context, connection, row, error);
  }
};

/** Their word is newer: it becomes ours. */
const readAgain = async (context: Context, connection: Connection, id: string): Promise<void> => {
  const connector = connectorOf(connection.kind);
  const item = await connector.fetch(await accessOf(context, connection), 'customers', id);
  if (!item) return;
  for (const told of connector.translate('customers', item.payload, { settings: connection.settings }))
    await inTransaction(context, async inside => void (await takeTold(inside, connection, told, item.observedAt)));
};

/** What the shop now holds is what we said: when it comes back it is no news. */
const remember = async (context: Context, connection: Connection, row: Row): Promise<void> => {
  const { postgres: sql } = context;
  if (row.what === 'consent')
    await sql`
      update connections.record set consents = coalesce(consents, '{}') || ${sql.json({ [row.change.channel as string]: { state: row.change.state, at: row.change.at } } as never)}
      where connection_id = ${connection.id} and resource = 'customers' and outside_id = ${row.outside_id}`;
  else
    await sql`
      update connections.record
      set tags = array(select distinct tag from unnest(coalesce(tags, '{}') || ${row.change.add as string[]}::text[]) as tag where tag <> all(${row.change.remove as string[]}::text[]) order by tag)
      where connection_id = ${connection.id} and resource = 'customers' and outside_id = ${row.outside_id}`;
};

const finish = async (context: Context, row: Row, outcome: WriteBackOutcome | 'switched_off'): Promise<void> => {
  const state = outcome === 'written' || outcome === 'same' ? 'done' : 'skipped';
  await context.postgres`
    update connections.write_back set state = ${state}, outcome = ${outcome}, attempts = attempts + 1, worked_at = ${context.clock.now()}
    where id = ${row.id} and state = 'waiting'`;
};

const putOff = async (context: Context, connection: Connection, row: Row, error: unknown): Promise<void> => {
  const trouble = troubleOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (!trouble) context.log.warn({ write_back: row.id, err: error }, 'a change could not be written back');
  await context.postgres`
    update connections.write_back
    set attempts = attempts + 1, outcome = ${message.slice(0, 500)}, worked_at = ${context.clock.now()},
      state = case when attempts + 1 >= ${mostAttempts} then 'failed' else 'waiting' end,
      due_at = ${context.clock.now()}::timestamptz + greatest(${trouble?.retryAfter_seconds ?? 0}, least(3600, 15 * power(2, attempts))) * interval '1 second'
    where id = ${row.id} and state = 'waiting'`;
  if (trouble) await noteFailure(context, connection.id, trouble);
};

/** Tries all failed ones of a connection again; says how many. */
export const retryWriteBacks = async (context: Context, connectionId: string): Promise<number> => {
  if (!(await findConnection(context, connectionId))) throw notFound('connection');
  const rows = await context.postgres`
    update connections.write_back set state = 'waiting', attempts = 0, due_at = ${context.clock.now()} where connection_id = ${connectionId} and state = 'failed' returning id`;
  await context.postgres`select pg_notify('regulars_work', 'connections')`;
  return rows.length;
};
