/** The event log's copy in ClickHouse: how it looks, how it is filled again, how it is read. */

import type { Context } from '../../platform/context.ts';
import type { Copy } from '../../platform/copies.ts';
import { flattenProperties } from './properties.ts';

/**
 * The present owner of an origin, for whole-base queries: `ownerOf('origin_id')`. The only way a query may go from an event to a
 * customer (decisions 2): merged people are one small dictionary, their events are never rewritten.
 */
export const ownerOf = (column: string): string => `dictGetOrDefault('owner_map', 'customer_id', toUInt64(${column}), ${column})`;

/** A log row as the copy needs it. */
export type CopiedEvent = {
  id: string;
  origin_id: number;
  name: string;
  time: Date;
  shop_id: string | null;
  source: string;
  historical: boolean;
  import_id: string | null;
  properties: Record<string, unknown>;
};
const nobody = '00000000-0000-0000-0000-000000000000';
/** What DateTime64 can hold. */
const earliest = Date.UTC(1900, 0, 1);
const latest = Date.UTC(2299, 11, 31);

/** `yyyy-mm-dd hh:mm:ss.mmm`, UTC. */
export const sqlTime = (time: Date): string =>
  new Date(Math.min(Math.max(time.getTime(), earliest), latest)).toISOString().replace('T', ' ').slice(0, 23);

export const toCopy = (event: CopiedEvent): Record<string, unknown> => ({
  id: event.id,
  origin_id: event.origin_id,
  name: event.name,
  time: sqlTime(event.time),
  shop_id: event.shop_id ?? nobody,
  source: event.source,
  historical: event.historical,
  import_id: event.import_id ?? nobody,
  // What somebody says about themselves is an attribute; a second copy of it would only be one more place to erase.
  ...(event.name === 'Identified' ? { text: {}, number: {} } : flattenProperties(event.properties)),
});

/** Yearly partitions: monthly ones break imports (decisions 26). The window lets a repeated insert be recognised. */
const ddl = `(
  id UUID, origin_id UInt32, name LowCardinality(String), time DateTime64(3, 'UTC'), shop_id UUID, source LowCardinality(String), historical Bool, import_id UUID,
  text Map(LowCardinality(String), String), number Map(LowCardinality(String), Float64)
) ENGINE = MergeTree PARTITION BY toYear(time) ORDER BY (name, origin_id, time) SETTINGS non_replicated_deduplication_window = 1000`;

/** Rows that the copy stage has not brought yet are left to it, so that a refill and the stage never bring one row twice. */
const page = async (context: Context, after: string | null, limit: number) => {
  const [batch, id] = (after ?? `0/${nobody}`).split('/');
  const rows = (await context.postgres`
    select id, batch_id, origin_id, name, time, shop_id, source, historical, import_id, properties from tracking.event
    where (batch_id, id) > (${batch}::bigint, ${id}::uuid) and not exists (select from tracking.batch where batch.id = event.batch_id)
    order by batch_id, id limit ${limit}`) as unknown as (CopiedEvent & { batch_id: number })[];
  const last = rows.at(-1);
  return { rows: rows.map(toCopy), next: last ? `${last.batch_id}/${last.id}` : null };
};

export const copies: readonly Copy[] = [{ table: 'event', ddl, mode: 'append', page }];
