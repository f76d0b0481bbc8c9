/** The connections feature's queries, one question each. */
import type { Context } from '../../platform/context.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import type { Connection } from './connection.ts';
import type { ResourceCode } from './connector.ts';

export const findConnection = async (context: Context, id: string): Promise<Connection | null> => {
  const [row] = await context.postgres`
    select c.* from connections.connection c where c.id = ${id} and ${ofOwnShops(context, 'c.shop_id')}`;
  return (row as unknown as Connection) ?? null;
};

export const lockConnection = async (context: Context, id: string): Promise<Connection | null> => {
  const [row] = await context.postgres`
    select c.* from connections.connection c where c.id = ${id} and ${ofOwnShops(context, 'c.shop_id')} for update`;
  return (row as unknown as Connection) ?? null;
};

export const connectionsOf = async (context: Context): Promise<Connection[]> =>
  (await context.postgres`
    select c.* from connections.connection c where ${ofOwnShops(context, 'c.shop_id')} order by c.created_at, c.id`) as unknown as Connection[];

/** Which version of a record we hold. */
export type RecordRow = {
  resource: ResourceCode;
  outside_id: string;
  number: string | null;
  updated_at: Date | null;
  observed_at: Date | null;
  hash: string | null;
  gone_at: Date | null;
  origin_id: number | null;
  tags: string[] | null;
  consents: Record<string, { state: string; at: string }> | null;
};
export const recordKey = (resource: string, id: string): string => `${resource}/${id}`;

type Key = { resource: ResourceCode; id: string };
const sorted = (keys: readonly Key[]): Key[] =>
  [...new Map(keys.map(key => [recordKey(key.resource, key.id), key])).entries()]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(entry => entry[1]);

export const readRecords = async (
  { postgres }: Context,
  connectionId: string,
  keys: readonly Key[],
): Promise<Map<string, RecordRow>> => {
  if (keys.length === 0) return new Map();
  const rows = await postgres`
    select r.* from connections.record r
    join unnest(${keys.map(key => key.resource)}::text[], ${keys.map(key => key.id)}::text[]) as asked(resource, outside_id) using (resource, outside_id)
    where r.connection_id = ${connectionId}`;
  return new Map(rows.map(row => [recordKey(row.resource, row.outside_id), row as unknown as RecordRow]));
};

/** Locks the records, in one order for all writers; those that are new are made first. */
export const lockRecords = async (
  context: Context,
  connectionId: string,
  keys: readonly Key[],
): Promise<Map<string, RecordRow>> => {
  const all = sorted(keys);
  if (all.length === 0) return new Map();
  const { postgres } = context;
  const resources = all.map(key => key.resource);
  const ids = all.map(key => key.id);
  await postgres`
    insert into connections.record (connection_id, resource, outside_id)
    select ${connectionId}, resource, id from unnest(${resources}::text[], ${ids}::text[]) as n(resource, id) on conflict do nothing`;
  const rows = await postgres`
    select r.* from connections.record r
    join unnest(${resources}::text[], ${ids}::text[]) as asked(resource, outside_id) using (resource, outside_id)
    where r.connection_id = ${connectionId} order by r.resource, r.outside_id for update of r`;
  return new Map(rows.map(row => [recordKey(row.resource, row.outside_id), row as unknown as RecordRow]));
};

export type RecordWrite = Key & {
  number?: string | null;
  updatedAt: Date;
  observedAt: Date;
  hash: string | null;
  originId?: number | null;
  tags?: string[] | null;
  consents?: Record<string, { state: string; at: string }> | null;
};

export const writeRecords = async ({ postgres }: Context, connectionId: string, rows: readonly RecordWrite[]): Promise<void> => {
  if (rows.length === 0) return;
  await postgres`
    update connections.record r
    set number = coalesce(n.number, r.number), updated_at = n.updated_at, observed_at = n.observed_at, hash = n.hash, gone_at = null,
      origin_id = coalesce(n.origin, r.origin_id), customer_id = coalesce(customers.owner_of(n.origin), r.customer_id),
      tags = case when n.tags is null then r.tags else array(select jsonb_array_elements_text(n.tags)) end,
      consents = coalesce(n.consents, r.consents)
    from unnest(${rows.map(row => row.resource)}::text[], ${rows.map(row => row.id)}::text[], ${rows.map(row => row.number ?? null)}::text[], ${rows.map(row => row.updatedAt.toISOString())}::timestamptz[],
      ${rows.map(row => row.observedAt.toISOString())}::timestamptz[], ${rows.map(row => row.hash)}::text[], ${rows.map(row => row.originId ?? null)}::bigint[],
      ${rows.map(row => (row.tags ? JSON.stringify(row.tags) : null))}::text[]::jsonb[], ${rows.map(row => (row.consents ? JSON.stringify(row.consents) : null))}::text[]::jsonb[])
      as n(resource, id, number, updated_at, observed_at, hash, origin, tags, consents)
    where r.connection_id = ${connectionId} and r.resource = n.resource and r.outside_id = n.id`;
};

/** The records of customers in one connection, by owner: whom a change here is to be told about there. */
export const recordsOfCustomer = async (
  { postgres }: Context,
  customerId: number,
): Promise<{ connection_id: string; outside_id: string; tags: string[] | null; consents: RecordRow['consents'] }[]> =>
  (await postgres`
    select connection_id, outside_id, tags, consents from connections.record
    where customer_id = customers.owner_of(${customerId}) and resource = 'customers' and gone_at is null order by connection_id, outside_id`) as never;
