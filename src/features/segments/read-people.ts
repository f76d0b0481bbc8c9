import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { SegmentPerson } from './contract.ts';
import { loadFacts } from './load-people.ts';
import type { Loaded } from './load-vocabulary.ts';
import type { Moment } from './moment.ts';

/** Columns of a list when nobody asks for others, where the installation has them and the reader may see them. */
export const usualColumns = ['orders.count', 'orders.sales', 'orders.last_on'];

/** The asked columns; a column that does not exist or that the reader may not see is refused by name. */
export const checkColumns = (context: Context, loaded: Loaded, columns: readonly string[]): string[] => {
  for (const code of columns) {
    const fact = loaded.facts.get(code);
    if (!fact)
      throw new Refusal(
        'malformed',
        'segments.column_unknown',
        `There is no fact called "${code.slice(0, 60)}". GET /api/vocabulary lists them.`,
      );
    if (!maySee(context.actor, fact.group))
      throw new Refusal(
        'forbidden',
        'segments.column_hidden',
        `Your role does not show "${code}". Ask an owner to change the role, or leave the column out.`,
      );
  }
  return [...new Set(columns)];
};
export const columnsToShow = (context: Context, loaded: Loaded, columns: readonly string[] | undefined): string[] => {
  if (columns && columns.length > 0) return checkColumns(context, loaded, columns);
  return usualColumns.filter(code => {
    const fact = loaded.facts.get(code);
    return fact !== undefined && maySee(context.actor, fact.group);
  });
};

/** People of a list, in the order of `ids`, with what the reader may see. */
export const readPeople = async (
  context: Context,
  ids: readonly number[],
  columns: readonly string[],
  loaded: Loaded,
  moment: Moment,
  asOf: string | null,
  segmentId: string | null,
): Promise<(SegmentPerson & { phone: string | null })[]> => {
  if (ids.length === 0) return [];
  const contact = maySee(context.actor, 'contact');
  const [rows, entered, facts] = await Promise.all([
    context.postgres`
      select id, name, email, phone, country,
        (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
      from customers.customer c where id = any(${ids as number[]}::bigint[])`,
    segmentId === null
      ? []
      : context.postgres`
      select customer_id, entered_at from segments.membership where segment_id = ${segmentId} and customer_id = any(${ids as number[]}::bigint[])`,
    loadFacts(context, ids, columns, loaded.facts, asOf === null ? null : moment.until),
  ]);
  const byId = new Map(rows.map(row => [row.id as number, row]));
  const since = new Map(entered.map(row => [row.customer_id as number, row.entered_at as Date]));
  return ids.flatMap(id => {
    const row = byId.get(id);
    if (!row) return [];
    return [
      {
        id: String(id),
        outside_id: row.outside_id as string | null,
        name: contact ? (row.name as string | null) : null,
        email: contact ? (row.email as string | null) : null,
        phone: contact ? (row.phone as string | null) : null,
        country: row.country as string | null,
        entered_at: since.get(id)?.toISOString() ?? null,
        facts: Object.fromEntries(facts.get(id) ?? []),
      },
    ];
  });
};
