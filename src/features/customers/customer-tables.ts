/** Every table of this feature that holds something about a customer: what a merge, an export and an erasure do with it. */
import type { Context } from '../../platform/context.ts';
import type { CustomerTable } from '../../platform/feature.ts';

const moved = (table: string, label: string): CustomerTable => ({
  table,
  label,
  merge: 'move',
  erase: 'delete',
});

/** The row stays as a number without a person, so that figures of the past keep their count. */
const blankCustomers = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  await context.postgres`
    update customers.customer
    set name = null, first_name = null, last_name = null, email = null, phone = null, language = null, birthday = null, zone = null, country = null, region = null,
      city = null, postal_code = null, not_shopper = null, import_id = null, erased_at = ${context.clock.now()}, version = version + 1
    where id = any(${customerIds as number[]}::bigint[])`;
};

/** By which columns a person's rows are found in a registered table: the event log has no owner, a derived table no origin. */
export const personColumns = async (context: Context, table: string): Promise<('customer_id' | 'origin_id')[]> => {
  const [schema, name] = table.split('.');
  const columns = await context.postgres`
    select column_name from information_schema.columns where table_schema = ${schema} and table_name = ${name} and column_name in ('customer_id', 'origin_id')`;
  return columns.map(row => row.column_name as 'customer_id' | 'origin_id');
};

/** `customerIds` are all origins of the person, the owner included. */
export const customerTables: CustomerTable[] = [
  {
    table: 'customers.customer',
    label: 'customers.export.customer',
    // Who is part of whom is what a merge writes itself.
    merge: 'none',
    export: async (context, ids) =>
      (await context.postgres`
      select id, known, known_since, not_shopper, name, first_name, last_name, email, phone, language, birthday, zone, country, region, city, postal_code, first_seen_at, created_at
      from customers.customer where id = any(${ids as number[]}::bigint[]) order by id`) as unknown as Record<string, unknown>[],
    erase: blankCustomers,
  },
  {
    table: 'platform.file',
    label: 'customers.export.files',
    merge: 'move',
    export: async (context, ids) =>
      (await context.postgres`
      select owner, name, content_type, bytes, created_at from platform.file where customer_id = any(${ids as number[]}::bigint[])`) as unknown as Record<
        string,
        unknown
      >[],
    // Content and rows go together, after commit (erase-customer.ts).
    erase: async () => {},
  },
  moved('customers.identifier', 'customers.export.identifiers'),
  moved('customers.seen', 'customers.export.seen'),
  moved('customers.shop_tie', 'customers.export.shops'),
  moved('customers.attribute', 'customers.export.attributes'),
  moved('customers.quality_issue', 'customers.export.quality_issues'),
  moved('customers.tag', 'customers.export.tags'),
  moved('customers.note', 'customers.export.notes'),
  moved('customers.address', 'customers.export.addresses'),
  {
    table: 'customers.owner',
    label: 'customers.export.owner',
    merge: 'none',
    export: null,
    erase: async (context, ids) => {
      await context.postgres`delete from customers.owner where origin_id = any(${ids as number[]}::bigint[])`;
    },
  },
  {
    table: 'customers.touched',
    label: 'customers.export.touched',
    merge: 'none',
    export: null,
    erase: async (context, ids) => {
      await context.postgres`delete from customers.touched where customer_id = any(${ids as number[]}::bigint[]) and consumer <> 'customers.copy'`;
    },
  },
  {
    table: 'customers.merge',
    label: 'customers.export.merges',
    merge: 'none',
    export: async (context, ids) =>
      (await context.postgres`
      select winner_id, loser_id, at, by_whom, reason, undone_at, undone_by from customers.merge
      where winner_id = any(${ids as number[]}::bigint[]) or loser_id = any(${ids as number[]}::bigint[]) order by at`) as unknown as Record<
        string,
        unknown
      >[],
    erase: async (context, ids) => {
      await context.postgres`delete from customers.merge where winner_id = any(${ids as number[]}::bigint[]) or loser_id = any(${ids as number[]}::bigint[])`;
    },
  },
  {
    table: 'customers.suggestion',
    label: 'customers.export.suggestions',
    merge: 'none',
    export: null,
    erase: async (context, ids) => {
      await context.postgres`delete from customers.suggestion where low_id = any(${ids as number[]}::bigint[]) or high_id = any(${ids as number[]}::bigint[])`;
    },
  },
];
