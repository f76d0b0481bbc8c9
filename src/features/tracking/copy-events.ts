/**
 * Second stage of an event's way: batches of the log go to ClickHouse, once, whatever crashes. A chunk of batches is written down
 * before anything is sent; its id is the insert's token, so that a repeated insert is recognised; what was taken back is
 * deleted before the insert, and that it was is written down too.
 */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type CopiedEvent, toCopy } from './clickhouse.ts';
import { updateDictionary } from './update-dictionary.ts';

const chunk_rows = 10_000;
const chunk_batches = 500;
/** A statement of ClickHouse may be 256 kB. */
const deleted_atOnce = 2_000;

type Chunk = { id: string; removed: boolean };

/** Brings one chunk over; says whether there was one. */
export const copyEvents = async (context: Context): Promise<boolean> => {
  const chunk = (await unfinishedChunk(context)) ?? (await makeChunk(context));
  if (!chunk) return false;
  if (!chunk.removed) {
    await removeFromCopy(context, chunk.id);
    await context.postgres`update tracking.chunk set removed = true where id = ${chunk.id}`;
  }
  const rows = await rowsOf(context, chunk.id);
  if (rows.length > 0) await context.clickhouse.insert('event', rows.map(toCopy), { token: `event:${chunk.id}` });
  await inTransaction(context, async inside => {
    await updateDictionary(inside, rows);
    await inside.postgres`delete from tracking.removal using tracking.batch where removal.batch_id = batch.id and batch.chunk_id = ${chunk.id}`;
    await inside.postgres`delete from tracking.batch where chunk_id = ${chunk.id}`;
    await inside.postgres`delete from tracking.chunk where id = ${chunk.id}`;
  });
  return true;
};

const unfinishedChunk = async (context: Context): Promise<Chunk | null> => {
  const [chunk] = await context.postgres`select id, removed from tracking.chunk order by made_at, id limit 1`;
  return (chunk as unknown as Chunk) ?? null;
};

/** Takes the oldest batches that fit; null when none waits. */
const makeChunk = (context: Context): Promise<Chunk | null> =>
  inTransaction(context, async inside => {
    const batches = await inside.postgres`
      select id from (
        select id, sum(events) over (order by id) - events as before
        from (select id, events from tracking.batch where chunk_id is null order by id limit ${chunk_batches}) as head) as oldest
      where before < ${chunk_rows}`;
    if (batches.length === 0) return null;
    const [chunk] = await inside.postgres`insert into tracking.chunk default values returning id, removed`;
    await inside.postgres`update tracking.batch set chunk_id = ${chunk.id} where id = any(${batches.map(batch => batch.id as number)}::bigint[])`;
    return chunk as unknown as Chunk;
  });

const rowsOf = async (context: Context, chunkId: string): Promise<CopiedEvent[]> =>
  (await context.postgres`
    select id, origin_id, name, time, shop_id, source, historical, import_id, properties from tracking.event
    where batch_id = any(array(select id from tracking.batch where chunk_id = ${chunkId})) order by batch_id, id`) as unknown as CopiedEvent[];

const removeFromCopy = async (context: Context, chunkId: string): Promise<void> => {
  const shops =
    await context.postgres`select distinct shop_gone from tracking.batch where chunk_id = ${chunkId} and shop_gone is not null`;
  for (const { shop_gone: shop } of shops)
    await context.clickhouse.command('DELETE FROM event WHERE shop_id = {shop:UUID} AND import_id = {shop:UUID}', { shop });
  const gone = await context.postgres`
    select event_id, origin_id, name from tracking.removal join tracking.batch on batch.id = removal.batch_id where chunk_id = ${chunkId} order by origin_id, event_id`;
  for (let at = 0; at < gone.length; at += deleted_atOnce) {
    const some = gone.slice(at, at + deleted_atOnce);
    // Numbers and UUIDs of our own database stand in the text: as parameters they would not fit into a request's address.
    const ids = some.map(row => `'${row.event_id}'`).join(',');
    const origins = [...new Set(some.map(row => row.origin_id as number))].join(',');
    const names = [...new Set(some.map(row => row.name as string))];
    await context.clickhouse.command(
      `DELETE FROM event WHERE name IN {names:Array(String)} AND origin_id IN (${origins}) AND id IN (${ids})`,
      { names },
    );
  }
};
