import type { Context } from '../../../platform/context.ts';
import { ofOwnShops } from '../../../platform/shop-limit.ts';
import type { SqlPart } from '../../customers/index.ts';

export type RejectedFilter = {
  state?: 'open' | 'replaying' | 'replayed' | 'discarded';
  reason?: string;
  /** A write key's id. */
  key?: string;
  /** Name of the event. */
  name?: string;
  shop?: string;
};

/** A condition on tracking.rejected, within the reader's shops. */
export const matching = (context: Context, filter: RejectedFilter): SqlPart => {
  const sql = context.postgres as unknown as (...parts: Parameters<Context['postgres']>) => SqlPart;
  const { state, reason, key, name, shop } = filter;
  return sql`${ofOwnShops(context, 'rejected.shop_id')}
    ${state ? sql`and rejected.state = ${state}` : sql``}
    ${reason ? sql`and rejected.reason = ${reason}` : sql``}
    ${key ? sql`and rejected.write_key_id = ${key}` : sql``}
    ${name ? sql`and rejected.name = ${name}` : sql``}
    ${shop ? sql`and rejected.shop_id = ${shop}` : sql``}`;
};
