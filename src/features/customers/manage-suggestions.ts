/** People who may be one: the list staff go through, and merging all that is certain in one go, with one undo. */
import { audit } from '../../platform/audit.ts';
import { type Context, maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { Job, JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { refuseShopLimited } from '../../platform/shop-limit.ts';
import { findFact } from './facts.ts';
import { doubtful, findDuplicates, scorePairs } from './find-duplicates.ts';
import { readRows } from './list-rows.ts';
import { mergeCustomers, undoMerge } from './merge-customers.ts';
import { lockIdentity } from './owners.ts';
import type { PairClass } from './score-pair.ts';

export const findJob = 'customers.find-duplicates';
export const acceptJob = 'customers.merge-certain';
export const undoBatchJob = 'customers.undo-merges';

/** Open pairs of two living people, each pair once, the surest first; doubtful ones stand on the page of either person only. */
const openPairs = (context: Context) => context.postgres`
  select distinct on (score, low, high) *, lower(evidence_kind) as kind from (
    select least(l, h) as low, greatest(l, h) as high, coalesce(score, 0.5::real) as score, coalesce(class, 'possible') as class, reasons, reason, at,
      evidence ->> 'kind' as evidence_kind
    from (select s.*, customers.owner_of(low_id) as l, customers.owner_of(high_id) as h from customers.suggestion s where dismissed_at is null) as owned
    where l <> h and not exists (
      select from customers.suggestion apart where apart.dismissed_at is not null and apart.low_id = least(l, h) and apart.high_id = greatest(l, h))) as pairs
  where score > ${doubtful}::real and exists (select from customers.customer c where c.id = low and c.erased_at is null) and exists (select from customers.customer c where c.id = high and c.erased_at is null)`;

type Pair = { low: number; high: number; score: number; class: PairClass; reasons: string[]; reason: string; at: Date };
type ListInput = { class?: PairClass; limit: number; cursor?: string };

export const listSuggestions = async (context: Context, input: ListInput) => {
  refuseShopLimited(context.actor);
  const mark = readMark(input.cursor);
  const rows = (await context.postgres`
    select * from (${openPairs(context)}) as open
    where (${input.class ?? null}::text is null or class = ${input.class ?? ''})
      and (${mark === null} or score < ${mark?.score ?? 0}::real or (score = ${mark?.score ?? 0}::real and (low, high) > (${mark?.low ?? 0}::bigint, ${mark?.high ?? 0}::bigint)))
    order by score desc, low, high limit ${input.limit + 1}`) as unknown as Pair[];
  const shown = rows.slice(0, input.limit);
  const people = await peopleOf(context, [...new Set(shown.flatMap(row => [row.low, row.high]))]);
  const last = shown.at(-1);
  return {
    data: shown.flatMap(row => {
      const [low, high] = [people.get(row.low), people.get(row.high)];
      if (!low || !high) return [];
      const [winner, loser] = olderFirst(low, high);
      return [{ winner, loser, class: row.class, score: row.score, reasons: wordsFor(row), at: row.at.toISOString() }];
    }),
    next_cursor: rows.length > input.limit && last ? `${last.score}/${last.low}/${last.high}` : null,
  };
};

/** What resolving found has no reasons but the key that both came with. */
const wordsFor = (row: Pair): string[] => (row.reasons.length > 0 ? row.reasons : [row.reason]);

type Row = Awaited<ReturnType<typeof readRows>>[number];
const peopleOf = async (context: Context, ids: readonly number[]): Promise<Map<number, Row>> => {
  const wanted = await Promise.all(
    ['orders.count', 'orders.sales'].map(async code => {
      const fact = await findFact(context, code);
      return fact && maySee(context.actor, fact.group) ? [code] : [];
    }),
  );
  return new Map((await readRows(context, ids, { columns: wanted.flat() })).map(row => [Number(row.id), row]));
};

/** Known beats anonymous, the older known one stays (decision 3). */
const olderFirst = (a: Row, b: Row): [Row, Row] => {
  if (a.known !== b.known) return a.known ? [a, b] : [b, a];
  const [one, two] = [String(new Date(a.known_since ?? 0).getTime()), String(new Date(b.known_since ?? 0).getTime())];
  return one === two ? (Number(a.id) < Number(b.id) ? [a, b] : [b, a]) : Number(one) < Number(two) ? [a, b] : [b, a];
};

const readMark = (cursor: string | undefined): { score: number; low: number; high: number } | null => {
  if (cursor === undefined) return null;
  const [, score, low, high] = /^([\d.e-]{1,30})\/(\d{1,10})\/(\d{1,10})$/.exec(cursor) ?? [];
  if (score && !Number.isNaN(Number(score))) return { score: Number(score), low: Number(low), high: Number(high) };
  throw new Refusal(
    'malformed',
    'customers.cursor',
    'This page mark does not belong to this list. Start again without "cursor".',
  );
};

export const countSuggestions = async (context: Context) => {
  const rows = await context.postgres`select class, count(*)::int as pairs from (${openPairs(context)}) as open group by class`;
  const of = (name: PairClass): number => (rows.find(row => row.class === name)?.pairs as number | undefined) ?? 0;
  const [last] =
    await context.postgres`select finished_at from platform.job where name = ${findJob} and state = 'done' order by finished_at desc limit 1`;
  const [batch] = await context.postgres`
    select batch_id, count(*)::int as merges, max(at) as at from customers.merge where batch_id is not null and undone_at is null
    group by batch_id order by max(at) desc limit 1`;
  return {
    certain: of('certain'),
    likely: of('likely'),
    possible: of('possible'),
    looked_at: (last?.finished_at as Date | null | undefined)?.toISOString() ?? null,
    last_batch: batch
      ? { id: batch.batch_id as string, merges: batch.merges as number, at: (batch.at as Date).toISOString() }
      : null,
  };
};

export const startFinding = async (context: Context) => ({ job_id: await startJob(context, findJob, {}, { key: 'now' }) });

export const startAccepting = async (context: Context) => {
  refuseShopLimited(context.actor);
  const job_id = await startJob(context, acceptJob, { by: context.actor.name }, { key: 'now' });
  await audit(context, 'customers.certain_merges_started', { job: job_id });
  return { job_id };
};

export const startUndoingBatch = async (context: Context, batchId: string) => {
  refuseShopLimited(context.actor);
  const [found] = await context.postgres`select 1 from customers.merge where batch_id = ${batchId} and undone_at is null limit 1`;
  if (!found) throw notFound('merges');
  await audit(context, 'customers.merges_undo_started', { batch: batchId });
  return { job_id: await startJob(context, undoBatchJob, { batch_id: batchId, by: context.actor.name }, { key: batchId }) };
};

const asStaff = (context: Context, payload: Record<string, unknown>): Context => ({
  ...context,
  actor: { ...context.actor, name: String(payload.by ?? context.actor.name) },
});

/** Each pair in a transaction of its own, and only if it is still certain then: people change while the list waits. */
const mergeCertain = async (context: Context, payload: Record<string, unknown>, progress: JobProgress) => {
  const acting = asStaff(context, payload);
  const pairs =
    (await acting.postgres`select low, high from (${openPairs(acting)}) as open where class = 'certain' order by low, high`) as unknown as Pair[];
  let merged = 0;
  for (const [i, pair] of pairs.entries()) {
    if (await mergeIfCertain(acting, pair, progress.jobId)) merged += 1;
    if (i % 20 === 19 || i === pairs.length - 1) await progress.report(i + 1, pairs.length);
  }
  await acting.live.publish('suggestions', {}, 'customers:read');
  return { merged, left: pairs.length - merged, batch_id: progress.jobId };
};

const mergeIfCertain = (context: Context, pair: { low: number; high: number }, batchId: string): Promise<boolean> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await lockIdentity(inside, 'alone');
    const rows = await sql`
      select id, coalesce(known_since, first_seen_at) as since from customers.customer
      where id = any(${[pair.low, pair.high]}::bigint[]) and merged_into is null and erased_at is null order by known desc, since, id`;
    const [scored] = rows.length === 2 ? await scorePairs(inside, [[pair.low, pair.high]]) : [];
    if (scored?.score.class !== 'certain') return false;
    const [winnerId, loserId] = rows.map(row => row.id as number);
    const { mergeId } = await mergeCustomers(inside, { winnerId, loserId });
    await sql`update customers.merge set batch_id = ${batchId} where id = ${mergeId}`;
    return true;
  });

const undoBatch = async (context: Context, payload: Record<string, unknown>, progress: JobProgress) => {
  const acting = asStaff(context, payload);
  const rows = await acting.postgres`
    select id from customers.merge where batch_id = ${payload.batch_id as string} and undone_at is null order by at desc, id desc`;
  for (const [i, row] of rows.entries()) {
    await undoMerge(acting, row.id as string);
    if (i % 20 === 19 || i === rows.length - 1) await progress.report(i + 1, rows.length);
  }
  return { undone: rows.length };
};

export const suggestionJobs: readonly Job[] = [
  {
    name: findJob,
    schedule: '40 2 * * *',
    run: async (context, _payload, progress) => ({ ...(await findDuplicates(context, progress)) }),
  },
  { name: acceptJob, run: mergeCertain },
  { name: undoBatchJob, run: undoBatch },
];
