/**
 * Polling by updated_at with overlap. One resource of one connection at a time, under a lease with a fencing number; the cursor moves in the
 * transaction that writes the page. A reading of many pages goes on at its page after a kill.
 */
import type { Context } from '../../platform/context.ts';
import { backoff_seconds, type Connection, type ResourceRow } from './connection.ts';
import { type Connector, ConnectorError, type Page, type Resource } from './connector.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { noteFailure, noteSuccess, troubleOf } from './health.ts';
import { findConnection } from './postgres.ts';
import { Overtaken, takePage } from './take-page.ts';

const lease_seconds = 60;
/** Pages in one go before other resources get their turn. */
const mostPages = 10;

/** Polls one due resource; says whether there was one. */
export const pollDue = async (context: Context): Promise<boolean> => {
  const row = await claim(context);
  if (!row) return false;
  const connection = (await findConnection(context, row.connection_id))!;
  const connector = connectorOf(connection.kind);
  const resource = connector.resources.find(one => one.code === row.code);
  if (!resource) return true;
  try {
    await readPages(context, connection, connector, resource, row);
  } catch (error) {
    await putOff(context, connection, row, error);
  }
  return true;
};

const claim = async (context: Context): Promise<ResourceRow | null> => {
  const now = context.clock.now();
  const [row] = await context.postgres`
    update connections.resource r set lease_until = now() + ${lease_seconds} * interval '1 second', fence = fence + 1
    from (
      select r.connection_id, r.code from connections.resource r join connections.connection c on c.id = r.connection_id
      where r.poll_due_at <= ${now} and (r.lease_until is null or r.lease_until < now()) and c.state <> 'paused'
      order by r.poll_due_at, r.connection_id, r.code limit 1 for update of r skip locked) due
    where r.connection_id = due.connection_id and r.code = due.code
    returning r.*`;
  return (row as unknown as ResourceRow) ?? null;
};

const readPages = async (
  context: Context,
  connection: Connection,
  connector: Connector,
  resource: Resource,
  first: ResourceRow,
): Promise<void> => {
  const access = await accessOf(context, connection);
  let row = first;
  for (let turn = 0; turn < mostPages; turn++) {
    const page = await connector.poll(access, row.code, { since: row.cursor_at, page: row.page });
    const next = nextRow(context, resource, row, page);
    await takePage(context, connection, connector, row.code, page, { historical: false, refunds: 'whole' }, inside =>
      keep(inside, next),
    );
    row = next;
    if (page.next === null) return noteSuccess(context, connection.id);
  }
  // More to come: at once, after the others had their turn.
  await keep(context, { ...row, lease_until: null, poll_due_at: context.clock.now() });
};

type Next = ResourceRow & { lease_until: Date | 'kept' | null };

/** Where the reading stands after a page. The cursor moves at its end only, and never past the moment the reading began. */
const nextRow = (context: Context, resource: Resource, row: ResourceRow, page: Page): Next => {
  const started = row.page === null ? page.observedAt : (row.started_at ?? page.observedAt);
  const newest = [row.page === null ? null : row.high_at, ...page.items.map(item => item.updatedAt)].reduce(later, null);
  if (page.next !== null) return { ...row, page: page.next, high_at: newest, started_at: started, lease_until: 'kept' };
  const seen = newest && newest < started ? newest : newest && started;
  const cursor = seen && new Date(seen.getTime() - resource.overlap_seconds * 1000);
  const now = context.clock.now();
  return {
    ...row,
    page: null,
    high_at: null,
    started_at: null,
    cursor_at: later(row.cursor_at, cursor),
    polled_at: now,
    poll_due_at: new Date(now.getTime() + resource.every_seconds * 1000),
    failures: 0,
    lease_until: null,
  };
};

const later = (a: Date | null, b: Date | null): Date | null => (a === null ? b : b === null || a > b ? a : b);

const keep = async ({ postgres }: Context, row: Next): Promise<void> => {
  const written = await postgres`
    update connections.resource
    set page = ${row.page}, high_at = ${row.high_at}, started_at = ${row.started_at}, cursor_at = ${row.cursor_at}, polled_at = ${row.polled_at},
      poll_due_at = ${row.poll_due_at}, failures = ${row.failures},
      lease_until = case when ${row.lease_until === null} then null else now() + ${lease_seconds} * interval '1 second' end
    where connection_id = ${row.connection_id} and code = ${row.code} and fence = ${row.fence} returning code`;
  if (written.length === 0) throw new Overtaken('Another worker reads this now.');
};

const putOff = async (context: Context, connection: Connection, row: ResourceRow, error: unknown): Promise<void> => {
  if (error instanceof Overtaken) return;
  const now = context.clock.now();
  if (error instanceof ConnectorError && error.code === 'bad_page') {
    await context.postgres`
      update connections.resource set page = null, high_at = null, started_at = null, lease_until = null, poll_due_at = ${now}
      where connection_id = ${row.connection_id} and code = ${row.code} and fence = ${row.fence}`;
    return;
  }
  const trouble = troubleOf(error);
  if (!trouble) context.log.error({ connection: connection.id, resource: row.code, err: error }, 'a poll failed');
  const wait_seconds = trouble?.retryAfter_seconds ?? backoff_seconds(row.failures + 1);
  await context.postgres`
    update connections.resource set failures = failures + 1, lease_until = null, poll_due_at = ${new Date(now.getTime() + wait_seconds * 1000)}
    where connection_id = ${row.connection_id} and code = ${row.code} and fence = ${row.fence}`;
  const message = error instanceof Error ? error.message : String(error);
  await noteFailure(context, connection.id, trouble ?? { code: 'own_fault', message, retryAfter_seconds: null });
};

/** Polls everything of a connection at the next chance. */
export const pollSoon = async (context: Context, connectionId: string): Promise<void> => {
  await context.postgres`
    update connections.resource set poll_due_at = ${context.clock.now()}, failures = 0 where connection_id = ${connectionId}`;
  await context.postgres`select pg_notify('regulars_work', 'connections')`;
};
