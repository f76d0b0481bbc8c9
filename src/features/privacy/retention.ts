/** Retention rules: what is set, what a run would take, and the run itself, in bounded portions that survive being killed. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { keptFor, type RetentionKind, retentionKinds } from '../../platform/retention.ts';
import { addDays, dayIn, startOfDay } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import { blankRequests } from './customer-tables.ts';
import { heldOrigins } from './holds.ts';
import { inactiveKind, noticeSilent } from './inactive.ts';

export const retentionJob = 'privacy.retention';
const usualPortion = 2_000;

export type Rule = { code: string; on: boolean; days: number; version: number };
export type Run = {
  id: string;
  code: string;
  state: 'running' | 'done';
  days: number;
  cutoff: Date;
  started_at: Date;
  started_by: string;
  finished_at: Date | null;
  rows: number;
  people: number | null;
};

/** Closed requests lose who it was; that one was answered in time stays. */
export const requestKind: RetentionKind = {
  code: 'privacy.requests',
  label: 'privacy.retention.requests',
  about: 'privacy.retention.requests_about',
  usualDays: 1095,
  leastDays: 90,
  mostDays: 3650,
  onFromStart: true,
  count: async (context, { before, held }) => {
    const [row] = await context.postgres`
      select count(*) as rows, count(distinct customer_id) as people, min(closed_at) as oldest from privacy.request
      where closed_at < ${before} and blanked_at is null and coalesce(origin_id, 0) <> all(${held as number[]}::bigint[])`;
    return row as unknown as { rows: number; people: number; oldest: Date | null };
  },
  remove: async (context, { before, held, limit }) => {
    const rows = await context.postgres`
      select id, origin_id from privacy.request
      where closed_at < ${before} and blanked_at is null and coalesce(origin_id, 0) <> all(${held as number[]}::bigint[]) order by id limit ${limit} for update`;
    await blankRequests(
      context,
      rows.map(row => row.id as string),
    );
    return { rows: rows.length, origins: rows.flatMap(row => (row.origin_id === null ? [] : [row.origin_id as number])) };
  },
};

const kindOf = (context: Context, code: string): RetentionKind => {
  const kind = context.slots.get(retentionKinds, code);
  if (!kind) throw notFound('rule');
  return kind;
};

/** Errors: not_found. */
export const ruleExists = (context: Context, code: string): void => void kindOf(context, code);

/** What is set, or how a kind begins. */
export const ruleOf = async (context: Context, kind: RetentionKind): Promise<Rule> => {
  const [row] = await context.postgres`select is_on, days, version from privacy.rule where code = ${kind.code}`;
  return { code: kind.code, on: row?.is_on ?? kind.onFromStart, days: row?.days ?? kind.usualDays, version: row?.version ?? 0 };
};

/** Everything from before the day that many days ago, in the organisation's zone. */
const cutoffOf = async (context: Context, days: number): Promise<Date> => {
  const zone = await zoneOf(context);
  return startOfDay(zone, addDays(dayIn(zone, context.clock.now()), -days));
};

export const runsOf = async (context: Context, code: string, limit: number): Promise<Run[]> =>
  (await context.postgres`
    select id, code, state, days, cutoff, started_at, started_by, finished_at, rows, people from privacy.run
    where code = ${code} order by started_at desc, id desc limit ${limit}`) as unknown as Run[];

export const listRules = async (context: Context) => {
  const [schedule] = await context.postgres`select next_due_at from platform.schedule where name = ${retentionJob}`;
  const rules = [];
  for (const kind of context.slots.all(retentionKinds)) {
    const { usualDays, leastDays, mostDays, label, about } = kind;
    const [last = null] = await runsOf(context, kind.code, 1);
    rules.push({
      ...(await ruleOf(context, kind)),
      label,
      about,
      usual_days: usualDays,
      least_days: leastDays,
      most_days: mostDays,
      last,
    });
  }
  const kept = [];
  for (const { code, label, about, days, link } of context.slots.all(keptFor))
    kept.push({ code, label, about, days: await days(context), link });
  return { rules, kept, next_run_at: (schedule?.next_due_at as Date | undefined) ?? null };
};

/** What a run with these days would take now. */
export const previewRule = async (context: Context, code: string, days: number | undefined) => {
  const kind = kindOf(context, code);
  const before = await cutoffOf(context, days ?? (await ruleOf(context, kind)).days);
  const held = await heldOrigins(context);
  return { ...(await kind.count(context, { before, held })), cutoff: before, held: held.length };
};

export const changeRule = (
  context: Context,
  code: string,
  change: { version: number; on: boolean; days: number },
): Promise<void> =>
  inTransaction(context, async inside => {
    const kind = kindOf(inside, code);
    if (change.days < kind.leastDays || change.days > kind.mostDays) {
      const reason = `Between ${kind.leastDays} and ${kind.mostDays} days.`;
      throw new Refusal('refused', 'privacy.days', `Choose between ${kind.leastDays} and ${kind.mostDays} days for this rule.`, {
        values: { least: kind.leastDays, most: kind.mostDays },
        faults: [{ path: 'days', reason }],
      });
    }
    await inside.postgres`select pg_advisory_xact_lock(hashtextextended(${`privacy.rule ${code}`}, 0))`;
    const before = await ruleOf(inside, kind);
    if (before.version !== change.version) throw stale('rule');
    await inside.postgres`
      insert into privacy.rule (code, is_on, days, changed_at, changed_by) values (${code}, ${change.on}, ${change.days}, ${inside.clock.now()}, ${inside.actor.name})
      on conflict (code) do update set is_on = excluded.is_on, days = excluded.days, changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = privacy.rule.version + 1`;
    // Who was told about under the old rule is looked at anew by the next run.
    if (code === inactiveKind.code && (!change.on || change.days > before.days))
      await inside.postgres`delete from privacy.notice`;
    await audit(inside, 'privacy.rule_changed', {
      subject: { kind: 'rule', id: code },
      from: { on: before.on, days: before.days },
      to: { on: change.on, days: change.days },
    });
  });

/** Queues a run of one rule. Errors: not_found, refused (it is off). */
export const startRun = async (context: Context, code: string): Promise<string> => {
  const rule = await ruleOf(context, kindOf(context, code));
  if (!rule.on) throw new Refusal('refused', 'privacy.rule_off', 'This rule is off. Switch it on first, then run it.');
  return startJob(context, retentionJob, { code, by: context.actor.name }, { key: code });
};

/** The job: every rule that is on, or the one named; what a killed run left is finished first. */
export const runRules = async (
  context: Context,
  payload: Record<string, unknown>,
  progress: JobProgress,
): Promise<Record<string, unknown>> => {
  const taken: Record<string, number> = {};
  let done = 0;
  for (const kind of context.slots.all(retentionKinds)) {
    if (typeof payload.code === 'string' && payload.code !== kind.code) continue;
    taken[kind.code] = await runRule(
      context,
      kind,
      typeof payload.by === 'string' ? payload.by : context.actor.name,
      async rows => {
        done += rows;
        await progress.report(done, null, kind.code);
      },
    );
  }
  return taken;
};

/** One rule to its end; 0 when it is off. Each portion is one transaction with its count, so nothing is lost or counted twice. */
export const runRule = async (
  context: Context,
  kind: RetentionKind,
  by: string,
  report: (rows: number) => Promise<void>,
): Promise<number> => {
  const rule = await ruleOf(context, kind);
  if (!rule.on) return 0;
  const run = await openRun(context, rule, by);
  if (kind.code === inactiveKind.code)
    await inTransaction(context, async inside => noticeSilent(inside, { before: run.cutoff, held: await heldOrigins(inside) }));
  for (;;) {
    const rows = await inTransaction(context, inside => takePortion(inside, kind, run.id));
    if (rows === 0) break;
    await report(rows);
  }
  return inTransaction(context, inside => closeRun(inside, run.id));
};

/** The run that was left unfinished, with its own cutoff, or a new one. */
const openRun = async (context: Context, rule: Rule, by: string): Promise<{ id: string; cutoff: Date }> => {
  const [left] = await context.postgres`select id, cutoff from privacy.run where code = ${rule.code} and state = 'running'`;
  if (left) return left as unknown as { id: string; cutoff: Date };
  const cutoff = await cutoffOf(context, rule.days);
  const [row] = await context.postgres`
    insert into privacy.run (code, state, days, cutoff, started_at, started_by) values (${rule.code}, 'running', ${rule.days}, ${cutoff}, ${context.clock.now()}, ${by})
    on conflict (code) where state = 'running' do update set code = excluded.code returning id, cutoff`;
  return row as unknown as { id: string; cutoff: Date };
};

/** The row of the run is held for as long as the portion takes: of two workers one waits, and sees what the other has done. */
const takePortion = async (context: Context, kind: RetentionKind, runId: string): Promise<number> => {
  const sql = context.postgres;
  const [run] = await sql`select cutoff from privacy.run where id = ${runId} and state = 'running' for update`;
  if (!run || !(await ruleOf(context, kind)).on) return 0;
  const held = await heldOrigins(context);
  const taken = await kind.remove(context, { before: run.cutoff as Date, held, limit: kind.portion ?? usualPortion });
  if (taken.rows === 0) return 0;
  const origins = [...new Set(taken.origins)].sort((a, b) => a - b);
  await sql`insert into privacy.run_person (run_id, origin_id) select ${runId}, id from unnest(${origins}::bigint[]) as id on conflict do nothing`;
  await sql`update privacy.run set rows = rows + ${taken.rows} where id = ${runId}`;
  return taken.rows;
};

const closeRun = async (context: Context, runId: string): Promise<number> => {
  const sql = context.postgres;
  const [run] = await sql`select id, code, rows from privacy.run where id = ${runId} and state = 'running' for update`;
  if (!run) return 0;
  const [{ people }] = await sql`
    select count(distinct customers.owner_of(origin_id))::int as people from privacy.run_person where run_id = ${runId}`;
  await sql`delete from privacy.run_person where run_id = ${runId}`;
  await sql`update privacy.run set state = 'done', finished_at = ${context.clock.now()}, people = ${people as number} where id = ${runId}`;
  if ((run.rows as number) > 0)
    await audit(context, 'privacy.retention_ran', {
      subject: { kind: 'run', id: runId },
      rule: run.code,
      rows: run.rows,
      people,
    });
  await context.live.publish('retention', { code: run.code });
  return run.rows as number;
};
