/** The rows of a list, with what the reader may see. */
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { endOfDay } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import type { CustomerRow } from './contract.ts';
import { type FactValue, findFact } from './facts.ts';
import { forbidden } from './list-query.ts';

/** The end of the day looked at; null = now. */
export const asOfEnd = async (context: Context, asOf: string | undefined): Promise<Date | null> =>
  asOf === undefined ? null : endOfDay(await zoneOf(context), asOf);

/** The rows of a list in the order of `ids`, with what the reader may see. */
export const readRows = async (
  context: Context,
  ids: readonly number[],
  input: { columns: readonly string[]; as_of?: string },
  matched: ReadonlyMap<number, string> = new Map(),
): Promise<CustomerRow[]> => {
  if (ids.length === 0) return [];
  const [rows, facts] = await Promise.all([
    context.postgres`
      select c.id, c.name, c.email, c.phone, c.country, c.city, c.known, c.not_shopper, c.known_since,
        (select max(last_at) from customers.seen s where s.customer_id = c.id) as last_seen_at,
        array(select distinct tag from customers.tag t where t.customer_id = c.id order by tag) as tags,
        (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
      from customers.customer c where c.id = any(${ids as number[]}::bigint[])`,
    readFacts(context, ids, input),
  ]);
  const contact = maySee(context.actor, 'contact');
  const address = maySee(context.actor, 'address');
  const behaviour = maySee(context.actor, 'behaviour');
  const byId = new Map(rows.map(row => [row.id as number, row]));
  return ids.flatMap(id => {
    const row = byId.get(id);
    if (!row) return [];
    return [
      {
        ...(row as unknown as CustomerRow),
        id: String(id),
        name: contact ? row.name : null,
        email: contact ? row.email : null,
        phone: contact ? row.phone : null,
        city: address ? row.city : null,
        last_seen_at: behaviour ? row.last_seen_at : null,
        matched: matched.get(id) ?? null,
        facts: Object.fromEntries([...facts].flatMap(([code, values]) => (values.has(id) ? [[code, values.get(id)!]] : []))),
      },
    ];
  });
};

const readFacts = async (
  context: Context,
  ids: readonly number[],
  input: { columns: readonly string[]; as_of?: string },
): Promise<Map<string, Map<number, FactValue>>> => {
  const end = await asOfEnd(context, input.as_of);
  const read = await Promise.all(
    [...new Set(input.columns)].map(async code => {
      const fact = await findFact(context, code);
      if (!fact)
        throw new Refusal(
          'malformed',
          'customers.column_unknown',
          `There is no fact called "${code.slice(0, 60)}". GET /api/facts lists them.`,
        );
      if (!maySee(context.actor, fact.group)) throw forbidden(code);
      return [code, await fact.read(context, ids, end)] as const;
    }),
  );
  return new Map(read);
};
