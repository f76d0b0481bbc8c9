/** Which shops a customer has to do with, for roles limited to shops (platform/shop-limit.ts has the rule). */
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { shopLimitOf } from '../../platform/shop-limit.ts';
import { queueCopy } from './postgres.ts';
import type { SqlPart } from './slots.ts';

/** Something of these people happened in these shops. Origins; pairs known before cost one look. In the caller's transaction. */
export const tieToShops = async (
  context: Context,
  pairs: readonly { originId: number; shopId: string | null | undefined }[],
): Promise<void> => {
  const wanted = new Map<string, [number, string]>();
  for (const { originId, shopId } of pairs) if (shopId) wanted.set(`${originId}/${shopId}`, [originId, shopId]);
  if (wanted.size === 0) return;
  const sorted = [...wanted.values()].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  const fresh = await context.postgres`
    insert into customers.shop_tie (origin_id, customer_id, shop_id)
    select n.origin_id, customers.owner_of(n.origin_id), n.shop_id
    from unnest(${sorted.map(one => one[0])}::bigint[], ${sorted.map(one => one[1])}::uuid[]) as n(origin_id, shop_id)
    where not exists (select from customers.shop_tie t where t.origin_id = n.origin_id and t.shop_id = n.shop_id)
    on conflict do nothing returning origin_id`;
  await queueCopy(
    context,
    fresh.map(row => row.origin_id as number),
  );
};

const sqlOf = (context: Context) => context.postgres as postgres.Sql;

/** A condition on a column of customers ("c.id"): those with something in the reader's shops; true when the reader sees all shops. */
export const customersOfShops = (context: Context, column: string): SqlPart => {
  const sql = sqlOf(context);
  const shops = shopLimitOf(context.actor);
  if (shops === null) return sql`true`;
  return sql`exists (select from customers.shop_tie tie where tie.customer_id = ${sql(column)} and tie.shop_id = any(${shops as string[]}::uuid[]))`;
};

/** As `customersOfShops`, and nothing elsewhere: of these people even what was worked out over all shops may be shown. */
export const customersOnlyOfShops = (context: Context, column: string): SqlPart => {
  const sql = sqlOf(context);
  const shops = shopLimitOf(context.actor);
  if (shops === null) return sql`true`;
  return sql`(${customersOfShops(context, column)}
    and not exists (select from customers.shop_tie tie where tie.customer_id = ${sql(column)} and tie.shop_id <> all(${shops as string[]}::uuid[])))`;
};

/** 404 for somebody of whom nothing happened in the reader's shops. `customerId`: an owner. */
export const refuseOtherShops = async (context: Context, customerId: number): Promise<void> => {
  if (shopLimitOf(context.actor) === null) return;
  const [row] = await context.postgres`
    select from customers.customer c where c.id = customers.owner_of(${customerId}::bigint) and ${customersOfShops(context, 'c.id')}`;
  if (!row) throw notFound('customer');
};

/** For what takes a person whole (erasing them, handing out everything about them, merging): 403 when other shops know them too. */
export const refuseSharedWithOthers = async (context: Context, customerId: number): Promise<void> => {
  await refuseOtherShops(context, customerId);
  if (shopLimitOf(context.actor) === null) return;
  const [row] = await context.postgres`
    select from customers.customer c where c.id = customers.owner_of(${customerId}::bigint) and ${customersOnlyOfShops(context, 'c.id')}`;
  if (!row)
    throw new Refusal(
      'forbidden',
      'customers.other_shops',
      'Other shops know this customer too, and your role is limited to some. Ask a colleague who sees all shops.',
    );
};
