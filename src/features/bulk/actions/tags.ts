import type { Context } from '../../../platform/context.ts';
import { tagCustomers, untagCustomers } from '../../customers/index.ts';
import type { BulkAction } from '../action.ts';

/** Who of these has the tag. */
const tagged = async (context: Context, customerIds: readonly number[], tag: string): Promise<Set<number>> => {
  const rows = await context.postgres`
    select distinct customer_id from customers.tag where customer_id = any(${customerIds as number[]}::bigint[]) and tag = ${tag}`;
  return new Set(rows.map(row => row.customer_id as number));
};
const add = (context: Context, ids: readonly number[], tag: string): Promise<void> =>
  tagCustomers(
    context,
    ids.map(originId => ({ originId, tag })),
    { historical: false },
  );
const remove = (context: Context, ids: readonly number[], tag: string): Promise<void> =>
  untagCustomers(
    context,
    ids.map(originId => ({ originId, tag })),
    { historical: false },
  );

const argument = { kind: 'text', label: 'bulk.tag', most_letters: 60, suggest: 'tags' } as const;
const most = 1_000_000;

export const addTag: BulkAction = {
  code: 'tag',
  label: 'bulk.action.tag',
  told: 'bulk.told.tag',
  needs: 'customers:write',
  argument,
  most,
  run: async (context, ids, tag) => {
    const have = await tagged(context, ids, tag);
    const without = ids.filter(id => !have.has(id));
    await add(context, without, tag);
    return new Map(without.map(id => [id, null]));
  },
  undo: async (context, changed, tag) => {
    const still = [...(await tagged(context, [...changed.keys()], tag))];
    await remove(context, still, tag);
    return still;
  },
};

export const removeTag: BulkAction = {
  code: 'untag',
  label: 'bulk.action.untag',
  told: 'bulk.told.untag',
  needs: 'customers:write',
  argument,
  most,
  run: async (context, ids, tag) => {
    const have = [...(await tagged(context, ids, tag))];
    await remove(context, have, tag);
    return new Map(have.map((id): [number, string] => [id, tag]));
  },
  undo: async (context, changed, tag) => {
    const back = await tagged(context, [...changed.keys()], tag);
    const gone = [...changed.keys()].filter(id => !back.has(id));
    await add(context, gone, tag);
    return gone;
  },
};
