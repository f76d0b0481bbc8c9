/** The copies of customers that whole-base queries need: who counts, and who owns whom. */
import type { Context } from '../../platform/context.ts';
import type { Copy } from '../../platform/copies.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { takeTouched } from './touch-customers.ts';

const portion = 20_000;

/** Microseconds of the database's clock: later rows replace earlier ones. */
const version = (context: Context) => context.postgres`(extract(epoch from clock_timestamp()) * 1000000)::bigint`;

/** Merged parts, erased people and those whom an undone import took back count for nobody. */
const baseRows = (context: Context, ids: readonly number[]) => context.postgres`
  select given.id as customer_id, coalesce(known and merged_into is null and erased_at is null, false) as known,
    coalesce(c.id is not null and not_shopper is null and merged_into is null and erased_at is null, false) as shopper, ${version(context)} as version
  from unnest(${ids as number[]}::bigint[]) as given(id) left join customers.customer c on c.id = given.id order by given.id`;

const ownerRows = (context: Context, ids: readonly number[]) => context.postgres`
  select id as origin_id, customers.owner_of(id) as customer_id, ${version(context)} as version
  from customers.customer where id = any(${ids as number[]}::bigint[]) and (merged_into is not null or exists (select 1 from customers.merge m where m.loser_id = customer.id))
  order by id`;

const tieRows = (context: Context, ids: readonly number[]) => context.postgres`
  select origin_id, shop_id, ${version(context)} as version from customers.shop_tie where origin_id = any(${ids as number[]}::bigint[]) order by origin_id, shop_id`;

const plain = (rows: readonly object[]): Record<string, unknown>[] => rows.map(row => ({ ...row }));

/** Worker stage: copies one portion of new, merged, marked or erased customers; says whether there was one. */
export const copyCustomers = async (context: Context): Promise<boolean> =>
  inTransaction(context, async inside => {
    const touched = await takeTouched(inside, 'customers.copy', portion);
    if (touched.length === 0) return false;
    const ids = touched.map(one => one.customerId);
    const [base, owners] = [plain(await baseRows(inside, ids)), plain(await ownerRows(inside, ids))];
    const ties = plain(await tieRows(inside, ids));
    await inside.clickhouse.insert('base', base);
    if (ties.length > 0) await inside.clickhouse.insert('shop_tie', ties);
    if (owners.length === 0) return true;
    await inside.clickhouse.insert('owner', owners);
    await reloadOwners(inside);
    return true;
  });

export const reloadOwners = async (context: Context): Promise<void> =>
  context.clickhouse.command(`SYSTEM RELOAD DICTIONARY ${context.clickhouse.words.onCluster} owner_map`);

const idsAfter = async (context: Context, after: string | null, limit: number): Promise<number[]> =>
  (await context.postgres`select id from customers.customer where id > ${after ?? '0'}::bigint order by id limit ${limit}`).map(
    row => row.id as number,
  );

const pageOf =
  (rowsOf: typeof baseRows): Copy['page'] =>
  async (context, after, limit) => {
    const ids = await idsAfter(context, after, limit);
    return {
      rows: ids.length === 0 ? [] : plain(await rowsOf(context, ids)),
      next: ids.length === 0 ? null : String(ids.at(-1)),
    };
  };

export const copies: readonly Copy[] = [
  {
    table: 'base',
    ddl: '(customer_id UInt32, known Bool, shopper Bool, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY customer_id',
    mode: 'replace',
    page: pageOf(baseRows),
  },
  {
    // For counts of roles that are limited to shops.
    table: 'shop_tie',
    ddl: '(origin_id UInt32, shop_id UUID, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY (shop_id, origin_id)',
    mode: 'replace',
    page: pageOf(tieRows),
  },
  {
    table: 'owner',
    ddl: '(origin_id UInt32, customer_id UInt32, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY origin_id',
    mode: 'replace',
    page: pageOf(ownerRows),
    alongside: [
      // A dictionary cannot say FINAL, so it reads through a view. After an undo a row maps somebody to themselves: left out.
      'CREATE OR REPLACE VIEW owner_now AS SELECT origin_id, customer_id FROM owner FINAL WHERE origin_id != customer_id',
      `CREATE DICTIONARY IF NOT EXISTS owner_map (origin_id UInt64, customer_id UInt32) PRIMARY KEY origin_id
       SOURCE(CLICKHOUSE(TABLE 'owner_now')) LAYOUT(FLAT(INITIAL_ARRAY_SIZE 100000 MAX_ARRAY_SIZE 4294967296)) LIFETIME(0)`,
    ],
  },
];
