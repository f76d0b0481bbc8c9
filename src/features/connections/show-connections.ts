/** Connections as people see them. */
import type { Context } from '../../platform/context.ts';
import { may, maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { namesOf } from '../customers/index.ts';
import { shopsOf } from '../shops/index.ts';
import type { Difference } from './compare-days.ts';
import type { Connection } from './connection.ts';
import { connectorOf, connectors } from './connectors.ts';
import { secretsShown } from './credentials.ts';
import { webhookAddress } from './heal-webhooks.ts';
import { connectionsOf, findConnection } from './postgres.ts';
import { writesBack } from './write-back.ts';

export const showKinds = () => ({
  data: connectors.map(connector => ({
    kind: connector.kind,
    label: connector.label,
    steps: connector.steps,
    guide: connector.guide,
    fields: connector.fields.map(field => ({
      code: field.code,
      kind: field.kind,
      required: field.required,
      placeholder: field.placeholder ?? null,
    })),
    resources: connector.resources.map(resource => resource.code as string),
    webhooks: connector.webhooks !== undefined,
    write_back: connector.writeBack !== undefined,
  })),
});

type Figures = {
  connection_id: string;
  records: number;
  oldest_poll: Date | null;
  unpolled: number;
  failed_deliveries: number;
  differing_days: number;
};

const figuresOf = async ({ postgres, clock }: Context, ids: readonly string[]): Promise<Map<string, Figures>> => {
  const rows = await postgres`
    select c.id as connection_id,
      (select count(*)::int from connections.record r where r.connection_id = c.id and r.gone_at is null and r.observed_at is not null) as records,
      (select min(polled_at) from connections.resource r where r.connection_id = c.id) as oldest_poll,
      (select count(*)::int from connections.resource r where r.connection_id = c.id and r.polled_at is null) as unpolled,
      (select count(*)::int from connections.delivery d where d.connection_id = c.id and d.state = 'failed') as failed_deliveries,
      (select count(*)::int from connections.comparison m where m.connection_id = c.id and m.differing <> '[]' and m.day > ${clock.now().toISOString().slice(0, 10)}::date - 8) as differing_days
    from connections.connection c where c.id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map(row => [row.connection_id as string, row as unknown as Figures]));
};

const walksOf = async ({ postgres }: Context, ids: readonly string[], limit: number) => {
  const rows = await postgres`
    select w.id, w.connection_id, w.kind, w.job_id, coalesce(j.state, case when w.finished_at is null then 'failed' else 'done' end) as state, w.done, w.total, w.changed, w.gone, w.started_at, w.finished_at
    from unnest(${ids as string[]}::uuid[]) as asked(id)
    cross join lateral (select * from connections.walk w where w.connection_id = asked.id order by w.started_at desc, w.id desc limit ${limit}) w
    left join platform.job j on j.id = w.job_id`;
  return rows.map(({ connection_id: connectionId, ...walk }) => ({
    connectionId: connectionId as string,
    walk: walk as never as Walk,
  }));
};
type Walk = { state: string; kind: string };

const seconds = (now: Date, at: Date | null): number | null =>
  at === null ? null : Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));

const rowOf = (context: Context, connection: Connection, shop: string, figures: Figures, walk: Walk | null) => ({
  id: connection.id,
  kind: connection.kind,
  label: connectorOf(connection.kind).label,
  name: connection.name,
  shop: { id: connection.shop_id, name: shop },
  address: connection.settings.address ?? '',
  state: connection.state,
  last_success_at: connection.last_success_at,
  lag_seconds: figures.unpolled > 0 ? null : seconds(context.clock.now(), figures.oldest_poll),
  trouble:
    connection.last_error_code === null
      ? null
      : { code: connection.last_error_code, detail: connection.last_error!, at: connection.last_error_at! },
  failures: connection.failures,
  records: figures.records,
  failed_deliveries: figures.failed_deliveries,
  differing_days: figures.differing_days,
  walk,
});

const shopNames = async (context: Context): Promise<Map<string, string>> =>
  new Map((await shopsOf(context)).map(shop => [shop.id, shop.name]));

export const listConnections = async (context: Context) => {
  const connections = await connectionsOf(context);
  const ids = connections.map(one => one.id);
  const [figures, walks, names] = await Promise.all([figuresOf(context, ids), walksOf(context, ids, 3), shopNames(context)]);
  const running = (id: string) =>
    walks.find(one => one.connectionId === id && one.walk.kind === 'backfill' && ['queued', 'running'].includes(one.walk.state))
      ?.walk ?? null;
  return {
    data: connections.map(one => rowOf(context, one, names.get(one.shop_id) ?? '', figures.get(one.id)!, running(one.id))),
  } as never;
};

export const showConnection = async (context: Context, id: string) => {
  const connection = await findConnection(context, id);
  if (!connection) throw notFound('connection');
  const connector = connectorOf(connection.kind);
  const [figures, walks, names, secrets] = await Promise.all([
    figuresOf(context, [id]),
    walksOf(context, [id], 10),
    shopNames(context),
    secretsShown(context, id),
  ]);
  const own = walks.map(one => one.walk);
  const running = own.find(one => one.kind === 'backfill' && ['queued', 'running'].includes(one.state)) ?? null;
  return {
    ...rowOf(context, connection, names.get(connection.shop_id) ?? '', figures.get(id)!, running),
    version: connection.version,
    created_at: connection.created_at,
    created_by: connection.created_by,
    paused_at: connection.paused_at,
    paused_by: connection.paused_by,
    settings: Object.fromEntries(
      connector.fields.filter(field => field.kind === 'text').map(field => [field.code, connection.settings[field.code] ?? '']),
    ),
    secrets,
    writes_back: writesBack(connection),
    webhooks: {
      address: webhookAddress(context, id),
      checked_at: connection.webhooks_checked_at,
      in_place: connection.webhooks_note === null ? null : Number(connection.webhooks_note),
      wanted: connector.webhooks !== undefined,
    },
    resources: await resourcesOf(context, connection),
    walks: own,
    ...(await countsOf(context, id)),
    comparison: await comparisonOf(context, id),
  } as never;
};

const resourcesOf = async (context: Context, connection: Connection) => {
  const now = context.clock.now();
  const rows = await context.postgres`
    select r.code, r.polled_at, r.poll_due_at, r.failures, count(e.outside_id) filter (where e.gone_at is null and e.observed_at is not null)::int as records,
      count(e.outside_id) filter (where e.gone_at is not null)::int as gone
    from connections.resource r left join connections.record e on e.connection_id = r.connection_id and e.resource = r.code
    where r.connection_id = ${connection.id} group by r.code, r.polled_at, r.poll_due_at, r.failures`;
  const order = connectorOf(connection.kind).resources.map(resource => resource.code as string);
  return rows
    .map(row => ({
      code: row.code as string,
      records: row.records as number,
      gone: row.gone as number,
      polled_at: row.polled_at as Date | null,
      next_at: row.poll_due_at as Date,
      lag_seconds: seconds(now, row.polled_at as Date | null),
      failures: row.failures as number,
    }))
    .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
};

const countsOf = async ({ postgres }: Context, id: string) => {
  const [deliveries] = await postgres`
    select count(*) filter (where state = 'waiting')::int as waiting, count(*) filter (where state = 'failed')::int as failed, count(*) filter (where state = 'done')::int as done,
      count(*) filter (where state = 'ignored')::int as ignored, coalesce(sum(repeats), 0)::int as repeats
    from connections.delivery where connection_id = ${id}`;
  const refused = await postgres`
    select reason, sum(count)::int as count, max(last_at) as last_at from connections.refused where connection_id = ${id} group by reason order by count desc, reason`;
  const [writeBacks] = await postgres`
    select count(*) filter (where state = 'waiting')::int as waiting, count(*) filter (where state = 'done')::int as done, count(*) filter (where state = 'skipped')::int as skipped,
      count(*) filter (where state = 'failed')::int as failed
    from connections.write_back where connection_id = ${id}`;
  return { deliveries, refused, write_backs: writeBacks };
};

const shownDays = 14;

const comparisonOf = async (context: Context, id: string) => {
  const rows = await context.postgres`
    select * from connections.comparison where connection_id = ${id} order by day desc limit ${shownDays}`;
  const seesMoney = maySee(context.actor, 'money');
  return rows.map(row => {
    const money = (amount: number | null) =>
      seesMoney && amount !== null ? { amount_minor: amount, currency: row.currency as string } : null;
    return {
      day: row.day as string,
      their_orders: row.their_orders as number,
      our_orders: row.our_orders as number,
      their_gross: money(row.their_gross_minor),
      our_gross: money(row.our_gross_minor),
      their_net: money(row.their_net_minor),
      our_net: money(row.our_net_minor),
      differing: (row.differing as Difference[]).map(({ theirs_minor: theirs, ours_minor: ours, ...one }) => ({
        ...one,
        theirs: money(theirs),
        ours: money(ours),
      })),
      compared_at: row.compared_at as Date,
    };
  });
};

// ---- lists -------------------------------------------------------------------------------------------------------------

type Cursor = { at: string; id: string };
const readCursor = (text: string | undefined): Cursor | null => {
  if (!text) return null;
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string];
    if (!Number.isNaN(Date.parse(at)) && /^[0-9a-f-]{36}$/.test(id)) return { at, id };
  } catch {
    // falls through to the refusal
  }
  throw new Refusal(
    'malformed',
    'connections.cursor',
    'This page mark does not belong to this list. Start again without "cursor".',
  );
};
const nextCursor = <T extends { at: Date; id: string }>(rows: readonly T[], limit: number): string | null => {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return last ? Buffer.from(JSON.stringify([last.at.toISOString(), last.id])).toString('base64url') : null;
};

type DeliveryRow = Record<string, unknown> & { id: string; received_at: Date; customer_id: number | null; error: string | null };

const deliveryOf = (context: Context, row: DeliveryRow) => ({
  ...row,
  // Whom it is about is told to who may see people.
  customer_id: row.customer_id !== null && may(context.actor, 'customers:read') ? String(row.customer_id) : null,
});

export const listDeliveries = async (
  context: Context,
  id: string,
  query: { limit: number; cursor?: string; state?: string; topic?: string },
) => {
  if (!(await findConnection(context, id))) throw notFound('connection');
  const sql = context.postgres;
  const after = readCursor(query.cursor);
  const rows = (await sql`
    select d.id, d.topic, d.state, d.attempts, d.error, d.at, d.received_at, d.worked_at, d.bytes, d.repeats, d.customer_id, d.body is not null as kept
    from connections.delivery d
    where d.connection_id = ${id} ${query.state ? sql`and d.state = ${query.state}` : sql``} ${query.topic ? sql`and d.topic = ${query.topic}` : sql``}
      ${after ? sql`and (date_trunc('milliseconds', d.received_at), d.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by date_trunc('milliseconds', d.received_at) desc, d.id desc limit ${query.limit + 1}`) as unknown as DeliveryRow[];
  return {
    data: rows.slice(0, query.limit).map(row => deliveryOf(context, row)),
    next_cursor: nextCursor(
      rows.map(row => ({ at: row.received_at, id: row.id })),
      query.limit,
    ),
  } as never;
};

/** The whole content, personal as it is: for a permission of its own, and only for who may see what a customer's page shows. */
export const showDelivery = async (context: Context, id: string) => {
  const [row] = await context.postgres`
    select d.*, d.body is not null as kept from connections.delivery d where d.id = ${id}`;
  if (!row || !(await findConnection(context, row.connection_id as string))) throw notFound('delivery');
  for (const group of ['contact', 'address', 'money'] as const)
    if (!maySee(context.actor, group))
      throw new Refusal(
        'forbidden',
        'connections.raw_forbidden',
        `The content names ${group} details, which your role does not show. Ask an owner of this installation.`,
      );
  return {
    ...deliveryOf(context, row as DeliveryRow),
    headers: row.headers,
    sha256: row.sha256,
    body: (row.body as Buffer | null)?.toString('utf8') ?? null,
  } as never;
};

export const listWriteBacks = async (context: Context, id: string, query: { limit: number; cursor?: string; state?: string }) => {
  if (!(await findConnection(context, id))) throw notFound('connection');
  const sql = context.postgres;
  const after = readCursor(query.cursor);
  const rows = await sql`
    select w.id, w.customer_id, w.what, w.change, w.state, w.outcome, w.attempts, w.at, w.worked_at from connections.write_back w
    where w.connection_id = ${id} ${query.state ? sql`and w.state = ${query.state}` : sql``}
      ${after ? sql`and (date_trunc('milliseconds', w.at), w.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by date_trunc('milliseconds', w.at) desc, w.id desc limit ${query.limit + 1}`;
  const shown = rows.slice(0, query.limit);
  const names = await namesOf(
    context,
    shown.map(row => row.customer_id as number),
  );
  return {
    data: shown.map(({ customer_id: customerId, change, ...row }) => ({
      ...row,
      customer: { id: String(customerId), name: names.get(customerId as number) ?? null },
      channel: change.channel ?? null,
      consent: change.state ?? null,
      add: change.add ?? [],
      remove: change.remove ?? [],
    })),
    next_cursor: nextCursor(
      rows.map(row => ({ at: row.at as Date, id: row.id as string })),
      query.limit,
    ),
  } as never;
};

// ---- alerts ------------------------------------------------------------------------------------------------------------

type Alert = {
  id: string;
  name: string;
  what: 'broken' | 'differs' | 'failed_deliveries';
  detail: string | null;
  since: Date | null;
  count: number;
};

/** What staff should know today: a connection that stopped comes first. */
export const connectionAlerts = async (context: Context): Promise<Alert[]> => {
  const connections = await connectionsOf(context);
  const figures = await figuresOf(
    context,
    connections.map(one => one.id),
  );
  return connections
    .flatMap((one): Alert[] => {
      const known = figures.get(one.id)!;
      const about = { id: one.id, name: one.name };
      return [
        ...(one.state === 'broken'
          ? [{ ...about, what: 'broken' as const, detail: one.last_error, since: one.last_success_at, count: one.failures }]
          : []),
        ...(known.differing_days > 0
          ? [{ ...about, what: 'differs' as const, detail: null, since: null, count: known.differing_days }]
          : []),
        ...(known.failed_deliveries > 0
          ? [{ ...about, what: 'failed_deliveries' as const, detail: null, since: null, count: known.failed_deliveries }]
          : []),
      ];
    })
    .sort((a, b) => (a.what === b.what ? 0 : a.what === 'broken' ? -1 : b.what === 'broken' ? 1 : 0));
};
