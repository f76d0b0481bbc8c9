import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';

/** Takes everything away that tracking holds of a demo shop: waiting calls, events, rejected calls, keys. Returns how many events went. */
export const removeShopEvents = (context: Context, shopId: string): Promise<number> =>
  inTransaction(context, async inside => {
    await inside.postgres`delete from tracking.inbox where payload like ${`%"s":"${shopId}"%`}`;
    const removed = await inside.postgres`delete from tracking.event where shop_id = ${shopId} and import_id = ${shopId}`;
    await inside.postgres`insert into tracking.batch (events, received_at, shop_gone) values (0, ${inside.clock.now()}, ${shopId})`;
    await inside.postgres`delete from tracking.rejected where shop_id = ${shopId}`;
    await inside.postgres`delete from tracking.write_key where shop_id = ${shopId}`;
    return removed.count;
  });
