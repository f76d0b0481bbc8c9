/**
 * Works through what came in, oldest first. A delivery is locked, applied and marked in one transaction: a kill leaves it waiting, and it is
 * done once. What fails is tried again later, at last put aside for people to look at and replay.
 */
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { parseExact } from '../tracking/index.ts';
import type { Connection } from './connection.ts';
import type { Connector, ResourceCode, Told } from './connector.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { faultOf, noteFailure, troubleOf } from './health.ts';
import { findConnection } from './postgres.ts';
import { NotYet, takeTold } from './take-told.ts';

const portion = 50;
const mostAttempts = 8;
/** Topic of a record that came by a poll and could not be taken over. */
const putAside = 'poll/';

type Row = {
  id: string;
  connection_id: string;
  topic: string;
  at: Date | null;
  received_at: Date;
  body: Buffer;
  attempts: number;
};

/** One portion; says whether there was a full one. */
export const workDeliveries = async (context: Context): Promise<boolean> => {
  const due = await context.postgres`
    select d.id from connections.delivery d join connections.connection c on c.id = d.connection_id
    where d.state = 'waiting' and d.body is not null and d.due_at <= ${context.clock.now()} and c.state <> 'paused' order by d.due_at, d.id limit ${portion}`;
  const silent: Silent = new Map();
  for (const { id } of due) await workOne(context, id as string, silent);
  return due.length === portion;
};

/** Connections that did not answer in this portion, and why: they are not asked once for each of their deliveries, and hold nobody up. */
type Silent = Map<string, unknown>;
const passing = new Set(['unreachable', 'timeout', 'throttled']);

const workOne = async (context: Context, id: string, silent: Silent): Promise<void> => {
  const known = new Set(silent.values());
  try {
    await inTransaction(context, inside => take(inside, id, silent));
  } catch (error) {
    await putOff(context, id, error, known.has(error));
  }
};

const take = async (context: Context, id: string, silent: Silent): Promise<void> => {
  const [found] = await context.postgres`
    select id, connection_id, topic, at, received_at, body, attempts from connections.delivery
    where id = ${id} and state = 'waiting' and body is not null for update skip locked`;
  if (!found) return;
  const row = found as unknown as Row;
  const connection = (await findConnection(context, row.connection_id))!;
  const connector = connectorOf(connection.kind);
  const at = row.at ?? row.received_at;
  const said = readBody(connection, connector, row, at);
  let origin: number | null = null;
  for (const told of said) {
    for (const one of await wholeOf(context, connection, connector, told, at, silent))
      origin = (await takeTold(context, connection, one.told, one.at, told.kind === 'fetch' ? 'whole' : 'added')) ?? origin;
  }
  await context.postgres`
    update connections.delivery
    set state = ${said.length === 0 ? 'ignored' : 'done'}, attempts = attempts + 1, worked_at = ${context.clock.now()}, error = null,
      origin_id = ${origin}, customer_id = customers.owner_of(${origin}),
      body = case when ${said.some(isPrivacy)} then null else body end
    where id = ${id}`;
  await context.live.publish('connection', { id: connection.id }, 'connections:read');
};

/** A webhook's body; or a record of a poll that was put aside. */
const readBody = (connection: Connection, connector: Connector, row: Row, at: Date): Told[] => {
  const body = parseExact(row.body.toString('utf8'));
  const about = { settings: connection.settings, at };
  return row.topic.startsWith(putAside)
    ? connector.translate(row.topic.slice(putAside.length) as ResourceCode, body as Record<string, unknown>, about)
    : (connector.webhooks?.receive(row.topic, body, about) ?? []);
};

/** What asks for somebody to be forgotten is not kept itself. */
const isPrivacy = (told: Told): boolean => told.kind === 'redact' || told.kind === 'data_request';

/** A payload too thin to use: the record is asked for. */
const wholeOf = async (
  context: Context,
  connection: Connection,
  connector: Connector,
  told: Told,
  at: Date,
  silent: Silent,
): Promise<{ told: Told; at: Date }[]> => {
  if (told.kind !== 'fetch') return [{ told, at }];
  if (silent.has(connection.id)) throw silent.get(connection.id);
  const access = await accessOf(context, connection);
  const item = await connector.fetch(access, told.resource, told.id).catch(error => {
    if (passing.has(troubleOf(error)?.code ?? '')) silent.set(connection.id, error);
    throw error;
  });
  if (item === null) return [{ told: { kind: 'gone', resource: told.resource, id: told.id, asked: true }, at }];
  return connector
    .translate(told.resource, item.payload, { settings: connection.settings })
    .map(one => ({ told: one, at: item.observedAt }));
};

/** What the outside system cannot help now waits as long as it takes; anything else is put aside after some tries. */
const putOff = async (context: Context, id: string, error: unknown, isKnown: boolean): Promise<void> => {
  const trouble = troubleOf(error);
  const message = faultOf(error);
  const mayFail = !passing.has(trouble?.code ?? '');
  if (!trouble && !(error instanceof NotYet)) context.log.warn({ delivery: id, err: error }, 'a delivery could not be worked');
  const [row] = await context.postgres`
    update connections.delivery
    set attempts = attempts + 1, error = ${message.slice(0, 500)}, worked_at = ${context.clock.now()},
      state = case when attempts + 1 >= ${mostAttempts} and ${mayFail} then 'failed' else 'waiting' end,
      due_at = ${context.clock.now()}::timestamptz + least(3600, 15 * power(2, least(attempts, 10))) * interval '1 second'
    where id = ${id} and state = 'waiting' returning connection_id`;
  if (row && trouble && !isKnown) await noteFailure(context, row.connection_id as string, trouble);
};

// ---- replay ------------------------------------------------------------------------------------------------------------

/** Puts one delivery back to work, whatever became of it; applying it twice is applying it once. */
export const replayDelivery = async (context: Context, id: string): Promise<void> => {
  const [row] =
    await context.postgres`select connection_id, body is not null as whole from connections.delivery where id = ${id}`;
  if (!row || !(await findConnection(context, row.connection_id as string))) throw notFound('delivery');
  if (!row.whole)
    throw new Refusal(
      'refused',
      'connections.body_gone',
      'The content of this delivery is no longer kept. Bring the record again with a backfill instead.',
    );
  await putBack(context, [id]);
};

/** All failed deliveries of a connection; says how many. */
export const replayFailed = async (context: Context, connectionId: string): Promise<number> => {
  if (!(await findConnection(context, connectionId))) throw notFound('connection');
  const rows = await context.postgres`
    select id from connections.delivery where connection_id = ${connectionId} and state = 'failed' and body is not null`;
  await putBack(
    context,
    rows.map(row => row.id as string),
  );
  return rows.length;
};

const putBack = async (context: Context, ids: readonly string[]): Promise<void> => {
  await context.postgres`
    update connections.delivery set state = 'waiting', attempts = 0, error = null, due_at = ${context.clock.now()} where id = any(${ids as string[]}::uuid[])`;
  await context.postgres`select pg_notify('regulars_work', 'connections')`;
};
