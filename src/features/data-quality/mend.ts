/** Putting records right in place: one, some, or all that have a proposal; and taking it back. Leaving alone, and taking that back. */
import { randomUUID } from 'node:crypto';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { correctCustomers, ownersOf, undoImportedCustomers } from '../customers/index.ts';
import { countRule, type Finding, findingsOf, openRule } from './look-at-rules.ts';
import type { QualityRule } from './rule.ts';

export const mendAllJob = 'data-quality.mend-all';
const portion = 500;

/** `value`: typed by hand; left out: the proposal. */
export type Wanted = { subject: string; value?: string };

const mendable = (context: Context, code: string): QualityRule => {
  const rule = openRule(context, code);
  if (rule.mends) return rule;
  throw new Refusal(
    'refused',
    'data-quality.not_mended_here',
    'This cannot be put right from the list. Open the record and change it there.',
  );
};

/** Mends what was named. Answers the fix to undo, and how many records it changed; those that are right by now are left out. */
export const mendSome = (context: Context, code: string, wanted: readonly Wanted[]) =>
  inTransaction(context, async inside => {
    const rule = mendable(inside, code);
    const typed = new Map(wanted.map(one => [one.subject, one.value]));
    const found = await findingsOf(inside, rule, [...typed.keys()]);
    const items = found.flatMap(finding => {
      const after = typed.get(finding.subject) ?? finding.proposal;
      return after === null || after === undefined ? [] : [{ finding, after }];
    });
    const fix_id = await openFix(inside, code);
    const mended = await mend(inside, rule, fix_id, items);
    if (mended === 0)
      throw new Refusal(
        'refused',
        'data-quality.nothing_mended',
        'Nothing could be changed: the value does not fit, or somebody else has it. Open the customer and look.',
        {
          faults: [{ path: 'items.0.value', reason: 'This value does not fit, or somebody else has it.' }],
        },
      );
    await countRule(inside, rule);
    await audit(inside, 'data-quality.mended', { rule: code, fix: fix_id, count: mended });
    return { fix_id, mended };
  });

const openFix = async (context: Context, code: string, id: string = randomUUID()): Promise<string> => {
  await context.postgres`
    insert into data_quality.fix (id, rule, at, by_whom) values (${id}, ${code}, ${context.clock.now()}, ${context.actor.name}) on conflict do nothing`;
  return id;
};

const mend = async (
  context: Context,
  rule: QualityRule,
  fixId: string,
  items: readonly { finding: Finding; after: string }[],
): Promise<number> => {
  const corrections = items.flatMap(({ finding, after }) =>
    finding.customer_id === null || !rule.mends
      ? []
      : [{ customerId: finding.customer_id, code: rule.mends, value: after === '' ? null : after }],
  );
  const changed = new Set(await correctCustomers(context, corrections, { id: fixId, source: `data-quality:${fixId}` }));
  const done = items.filter(({ finding }) => finding.customer_id !== null && changed.has(finding.customer_id));
  await context.postgres`
    insert into data_quality.fix_item (fix_id, subject, origin_id, customer_id, before, after)
    select ${fixId}, subject, id, id, before, after
    from unnest(${done.map(one => one.finding.subject)}::text[], ${done.map(one => one.finding.customer_id as number)}::bigint[],
      ${done.map(one => one.finding.value)}::text[], ${done.map(one => one.after)}::text[]) as n(subject, id, before, after)
    on conflict do nothing`;
  return changed.size;
};

/** Everything of a rule that has a proposal, in the background. */
export const startMendingAll = async (context: Context, code: string) => {
  mendable(context, code);
  return { job_id: await startJob(context, mendAllJob, { rule: code, by: context.actor.name }, { key: code }) };
};

/** Portion by portion, each in its own transaction, all under one fix: started again after a crash it goes on where it was. */
export const mendAll = async (context: Context, payload: Record<string, unknown>, progress: JobProgress) => {
  const acting: Context = { ...context, actor: { ...context.actor, name: String(payload.by ?? context.actor.name) } };
  const rule = mendable(acting, String(payload.rule));
  const fixId = await openFix(acting, rule.code, progress.jobId);
  const found = await findingsOf(acting, rule, null);
  let mended = 0;
  for (let from = 0; from < found.length; from += portion) {
    const items = found.slice(from, from + portion).map(finding => ({ finding, after: finding.proposal as string }));
    mended += await inTransaction(acting, inside => mend(inside, rule, fixId, items));
    await progress.report(Math.min(found.length, from + portion), found.length);
  }
  await countRule(acting, rule);
  await audit(acting, 'data-quality.mended', { rule: rule.code, fix: fixId, count: mended });
  await acting.live.publish('data-quality', {});
  return { fix_id: fixId, mended };
};

/** Takes away exactly the values of one fix; what was there before counts again. */
export const undoFix = (context: Context, fixId: string): Promise<void> =>
  inTransaction(context, async inside => {
    const [fix] = await inside.postgres`select rule, undone_at from data_quality.fix where id = ${fixId} for update`;
    if (!fix) throw notFound('fix');
    if (fix.undone_at)
      throw new Refusal('refused', 'data-quality.fix_undone', 'This was already taken back. Load the page again.');
    await undoImportedCustomers(inside, fixId);
    await inside.postgres`update data_quality.fix set undone_at = ${inside.clock.now()}, undone_by = ${inside.actor.name} where id = ${fixId}`;
    const rule = openRule(inside, fix.rule as string);
    await countRule(inside, rule);
    await audit(inside, 'data-quality.fix_undone', { rule: fix.rule as string, fix: fixId });
    await inside.live.publish('data-quality', {});
  });

export const listFixes = async (context: Context) =>
  (
    await context.postgres`
      select f.id, f.rule, f.at, f.by_whom, f.undone_at, f.undone_by, (select count(*)::int from data_quality.fix_item i where i.fix_id = f.id) as items
      from data_quality.fix f order by f.at desc, f.id desc limit 20`
  ).map(row => ({ ...row, at: row.at.toISOString(), undone_at: row.undone_at?.toISOString() ?? null })) as unknown as {
    id: string;
    rule: string;
    at: string;
    by_whom: string;
    undone_at: string | null;
    undone_by: string | null;
    items: number;
  }[];

/** Leaves records alone for good: they never count as wrong under this rule again. */
export const leaveAlone = (context: Context, code: string, subjects: readonly string[]): Promise<void> =>
  inTransaction(context, async inside => {
    const rule = openRule(inside, code);
    const found = await findingsOf(inside, rule, subjects);
    const owners = await ownersOf(
      inside,
      found.flatMap(one => one.customer_id ?? []),
    );
    await inside.postgres`
      insert into data_quality.ignored (rule, subject, origin_id, customer_id, at, by_whom)
      select ${code}, subject, nullif(id, 0), nullif(id, 0), ${inside.clock.now()}, ${inside.actor.name}
      from unnest(${found.map(one => one.subject)}::text[], ${found.map(one => (one.customer_id === null ? 0 : (owners.get(one.customer_id) ?? 0)))}::bigint[]) as n(subject, id)
      on conflict do nothing`;
    await countRule(inside, rule);
    await audit(inside, 'data-quality.left_alone', { rule: code, count: found.length });
  });

export const lookAgain = (context: Context, code: string, subjects: readonly string[]): Promise<void> =>
  inTransaction(context, async inside => {
    const rule = openRule(inside, code);
    await inside.postgres`delete from data_quality.ignored where rule = ${code} and subject = any(${subjects as string[]}::text[])`;
    await countRule(inside, rule);
  });
