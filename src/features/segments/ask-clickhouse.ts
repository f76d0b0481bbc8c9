/** Questions about one definition to ClickHouse: how many, who, which of them. All through the read-only profile. */
import type { Context } from '../../platform/context.ts';
import type { Fact } from '../customers/index.ts';
import { ownerOf } from '../tracking/index.ts';
import { conditionPhrases, SqlCompiler, without } from './compile.ts';
import { factRows } from './conditions/fact.ts';
import { conditionsOf, type Definition, type Path } from './definition.ts';
import type { Moment } from './moment.ts';
import type { Phrase } from './phrase.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A question must end before somebody gives up on it. */
const patience_ms = 20_000;
/** Beyond this many conditions the definition is not asked again without each of them. */
const mostTried = 20;

export type Counted = {
  count: number;
  total: number;
  sample: number[];
  conditions: { path: Path; phrase: Phrase; alone: number; without: number | null }[];
  reachable: { email: number | null; sms: number | null };
};

const compilerFor = (moment: Moment, vocabulary: Vocabulary): SqlCompiler => new SqlCompiler(moment, vocabulary, ownerOf);

/** Who may be written to on a channel, where the installation knows. */
const reachableOn = (channel: 'email' | 'sms', vocabulary: Vocabulary): Definition | null => {
  const present = `customers.has_${channel === 'email' ? 'email' : 'phone'}`;
  if (!vocabulary.facts.has(`consent.${channel}`) || !vocabulary.facts.has(present)) return null;
  return {
    all: [
      { fact: `consent.${channel}`, is: 'subscribed' },
      { fact: present, is: true },
    ],
  };
};

/** One statement: the count, five of them, and what each condition does. */
export const countDefinition = async (
  context: Context,
  definition: Definition,
  moment: Moment,
  vocabulary: Vocabulary,
): Promise<Counted> => {
  const compiler = compilerFor(moment, vocabulary);
  const size = (of: Definition): string => `bitmapCardinality(${compiler.compile(of)})`;
  const conditions = conditionsOf(definition);
  const phrases = conditionPhrases(definition, vocabulary);
  const channels = (['email', 'sms'] as const).map(channel => reachableOn(channel, vocabulary));
  const wholeSql = compiler.compile(definition);
  const withoutSql =
    conditions.length > mostTried ? [] : conditions.map(({ path }) => size(without(definition, path) ?? { all: [] }));
  const [row] = await context.clickhouse.readonly.query<{
    count: number;
    total: number;
    sample: number[];
    alone: number[];
    others: number[];
    reachable: number[];
  }>(
    `select bitmapCardinality(whole) as count, bitmapCardinality(population) as total, bitmapToArray(bitmapSubsetLimit(whole, toUInt32(0), toUInt32(5))) as sample,
       [${conditions.map(({ condition }) => size(condition)).join(', ')}]::Array(UInt64) as alone, [${withoutSql.join(', ')}]::Array(UInt64) as others,
       [${channels.map(channel => (channel ? size({ all: [definition, channel] }) : '0')).join(', ')}]::Array(UInt64) as reachable
     from (select *, ${wholeSql} as whole from (${compiler.from()}))`,
    compiler.bindings.params,
    { timeout_ms: patience_ms },
  );
  return {
    count: row.count,
    total: row.total,
    sample: row.sample,
    conditions: phrases.map((one, i) => ({ ...one, alone: row.alone[i], without: row.others[i] ?? null })),
    reachable: { email: channels[0] ? row.reachable[0] : null, sms: channels[1] ? row.reachable[1] : null },
  };
};

/** Counts of several definitions at once. */
export const countMany = async (
  context: Context,
  definitions: readonly Definition[],
  moment: Moment,
  vocabulary: Vocabulary,
): Promise<number[]> => {
  if (definitions.length === 0) return [];
  const compiler = compilerFor(moment, vocabulary);
  const sizes = definitions.map(definition => `bitmapCardinality(${compiler.compile(definition)})`);
  const [row] = await context.clickhouse.readonly.query<{ counts: number[] }>(
    `select [${sizes.join(', ')}] as counts from (${compiler.from()})`,
    compiler.bindings.params,
    { timeout_ms: patience_ms },
  );
  return row.counts;
};

/** Net sales so far of everybody a definition means, minor units of the home currency. */
export const sumSales = async (
  context: Context,
  definition: Definition,
  moment: Moment,
  vocabulary: Vocabulary,
): Promise<number> => {
  const compiler = compilerFor(moment, vocabulary);
  const whole = compiler.compile(definition);
  const until = compiler.bindings.bind("DateTime64(3, 'UTC')", moment.until);
  const [row] = await context.clickhouse.readonly.query<{ sales: number }>(
    `select sum(amount_minor) as sales from purchase_line where kind in ('product', 'return') and time < ${until}
       ${vocabulary.ownShops ? `and has(${compiler.bindings.bind('Array(UUID)', vocabulary.ownShops)}, shop_id)` : ''}
       and ${ownerOf('origin_id')} in (select arrayJoin(bitmapToArray(${whole})) from (${compiler.from()}))`,
    compiler.bindings.params,
    { timeout_ms: patience_ms },
  );
  return row.sales;
};

/** Who is asked: a definition at a moment, or the stored membership of a segment. */
export type Who = { definition: Definition } | { segmentId: string };
export type Order = { fact: Fact; descending: boolean } | null;

/** A page of customer ids, by a fact (those without a value last) or by id. */
export const listIds = async (
  context: Context,
  who: Who,
  order: Order,
  page: { limit: number; offset: number },
  moment: Moment,
  vocabulary: Vocabulary,
): Promise<number[]> => {
  const compiler = compilerFor(moment, vocabulary);
  const { bindings } = compiler;
  let members: string;
  if ('segmentId' in who) {
    members = `select customer_id as id from membership final where segment_id = ${bindings.bind('UUID', who.segmentId)} and member`;
  } else {
    const whole = compiler.compile(who.definition);
    members = `select arrayJoin(bitmapToArray(${whole})) as id from (${compiler.from()})`;
  }
  const limit = `limit ${Math.trunc(page.limit)} offset ${Math.trunc(page.offset)}`;
  if (order === null) {
    const rows = await context.clickhouse.readonly.query<{ id: number }>(
      `select id from (${members}) order by id ${limit}`,
      bindings.params,
      { timeout_ms: patience_ms },
    );
    return rows.map(row => row.id);
  }
  const { column, from } = factRows(order.fact, { moment, bindings, vocabulary, ownerOf });
  const rows = await context.clickhouse.readonly.query<{ id: number }>(
    `select id from (${members}) as m left join (select toUInt32(customer_id) as customer_id, toNullable(${column}) as sorted from ${from}) as f on f.customer_id = m.id
     order by sorted ${order.descending ? 'desc' : 'asc'} nulls last, id ${limit}`,
    bindings.params,
    { timeout_ms: patience_ms },
  );
  return rows.map(row => row.id);
};
