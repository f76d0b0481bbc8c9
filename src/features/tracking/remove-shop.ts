import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';

/** Takes everything away that tracking holds of a demo shop: waiting calls, events, rejected calls, keys and what was noted of them. Returns how many events went. */
export const removeShopEvents = (context: Context, shopId: string): Promise<number> =>
  inTransaction(context, async inside => {
    await inside.postgres`delete from tracking.inbox where payload like ${`%"s":"${shopId}"%`}`;
    const removed = await inside.postgres`delete from tracking.event where shop_id = ${shopId} and import_id = ${shopId}`;
    await inside.postgres`insert into tracking.batch (events, received_at, shop_gone) values (0, ${inside.clock.now()}, ${shopId})`;
    await inside.postgres`delete from tracking.rejected where shop_id = ${shopId}`;
    for (const table of ['sender', 'snippet_sight', 'snippet_setting'])
      await inside.postgres`
        delete from tracking.${inside.postgres(table)} where write_key_id in (select id from tracking.write_key where shop_id = ${shopId})`;
    await inside.postgres`delete from tracking.signing_secret where shop_id = ${shopId}`;
    await inside.postgres`delete from tracking.signature_tally where shop_id = ${shopId}`;
    await inside.postgres`delete from tracking.write_key where shop_id = ${shopId}`;
    await relearnDictionary(inside);
    return removed.count;
  });

/** What only the removed shop has shown is forgotten; of what others show too, the values are learnt anew. */
const relearnDictionary = async (context: Context): Promise<void> => {
  const left = await context.postgres`select name, count(*) as count from tracking.event group by name`;
  const names = left.map(row => row.name as string);
  await context.postgres`delete from tracking.dictionary_event where name <> all(${names}::text[])`;
  await context.postgres`delete from tracking.dictionary_property where event_name <> all(${names}::text[])`;
  await context.postgres`update tracking.dictionary_property set samples = '{}'`;
  await context.postgres`
    update tracking.dictionary_event set count = row.count
    from unnest(${names}::text[], ${left.map(row => row.count as number)}::bigint[]) as row (name, count) where dictionary_event.name = row.name`;
};
