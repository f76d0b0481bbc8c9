/**
 * Background jobs, schedules and worker stages. Rows with due time, lease (30 s, renewed while alive) and fencing token:
 * a job whose process died is taken over by another one, and the dead one's late writes are refused.
 */
import { hostname } from 'node:os';
import { Cron } from 'croner';
import type { Context, Pool } from './context.ts';
import { Refusal } from './errors.ts';
import { type Job, type JobProgress, jobSlot, type Stage } from './feature.ts';

const lease_seconds = 30;
const renew_ms = 8_000;
const mostAttempts = 5;
const thisWorker = `${hostname()}:${process.pid}`;

/** Thrown inside a job's `report` when somebody cancelled it, or when another process has taken it over. */
export class Cancelled extends Error {}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type JobRow = {
  id: string;
  name: string;
  payload: Record<string, unknown>;
  state: JobState;
  done: number;
  total: number | null;
  note: string | null;
  result: Record<string, unknown> | null;
  error: { code: string; detail: string } | null;
  attempts: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  fence: number;
};

/** Queues a job and returns its id. With a `key`, a job already waiting or running under it is returned instead. */
export const startJob = async (
  context: Context,
  name: string,
  payload: Record<string, unknown> = {},
  options: { key?: string; due_at?: Date } = {},
): Promise<string> => {
  const sql = context.postgres;
  const due = options.due_at ?? context.clock.now();
  const [row] = await sql`
    insert into platform.job (name, key, payload, due_at, created_by)
    values (${name}, coalesce(${options.key ?? null}, uuidv7()::text), ${sql.json(payload as never)}, ${due}, ${context.actor.name})
    on conflict (name, key) where state in ('queued', 'running') do update set key = excluded.key
    returning id`;
  await sql`select pg_notify('regulars_work', 'job')`;
  return row.id as string;
};

export const findJob = async (context: Context, id: string): Promise<JobRow | null> => {
  const [row] = await context.postgres`select * from platform.job where id = ${id}`;
  return (row as unknown as JobRow) ?? null;
};

/** Asks a waiting or running job to stop; it ends at its next report. */
export const cancelJob = async (context: Context, id: string): Promise<void> => {
  await context.postgres`
    update platform.job set state = 'cancelled', finished_at = ${context.clock.now()} where id = ${id} and state in ('queued', 'running')`;
  await context.live.publish('job', { id });
};

const claim = async (context: Context): Promise<JobRow | null> => {
  const now = context.clock.now();
  const [row] = await context.postgres`
    update platform.job
    set state = 'running', fence = fence + 1, attempts = attempts + 1, started_at = coalesce(started_at, ${now}), lease_until = now() + ${lease_seconds} * interval '1 second', worker = ${thisWorker}
    where id = (
      select id from platform.job
      where (state = 'queued' and due_at <= ${now}) or (state = 'running' and lease_until < now())
      order by due_at, id for update skip locked limit 1)
    returning *`;
  return (row as unknown as JobRow) ?? null;
};

/** Runs one due job to its end; says whether there was one. */
export const runOneJob = async (context: Context): Promise<boolean> => {
  const row = await claim(context);
  if (!row) return false;
  const job = context.slots.get(jobSlot, row.name);
  const renew = setInterval(() => {
    context.postgres`update platform.job set lease_until = now() + ${lease_seconds} * interval '1 second' where id = ${row.id} and fence = ${row.fence} and state = 'running'`.catch(
      () => {},
    );
  }, renew_ms);
  try {
    if (!job) throw new Refusal('refused', 'platform.job_unknown', `There is no job called ${row.name} in this version.`);
    const result = await job.run(context, row.payload, progressOf(context, row));
    await finish(context, row, 'done', { result: result ?? null });
  } catch (error) {
    if (!(error instanceof Cancelled)) await fail(context, row, error);
  } finally {
    clearInterval(renew);
  }
  return true;
};

const progressOf = (context: Context, row: JobRow): JobProgress => ({
  jobId: row.id,
  report: async (done, total, note) => {
    const updated = await context.postgres`
      update platform.job set done = ${done}, total = ${total}, note = ${note ?? null}
      where id = ${row.id} and fence = ${row.fence} and state = 'running' returning id`;
    if (updated.length === 0) throw new Cancelled();
    await context.live.publish('job', { id: row.id });
  },
});

const finish = async (
  context: Context,
  row: JobRow,
  state: JobState,
  outcome: { result?: unknown; error?: unknown },
): Promise<void> => {
  const sql = context.postgres;
  await sql`
    update platform.job
    set state = ${state}, result = ${sql.json((outcome.result ?? null) as never)}, error = ${sql.json((outcome.error ?? null) as never)}, finished_at = ${context.clock.now()}, lease_until = null
    where id = ${row.id} and fence = ${row.fence} and state = 'running'`;
  await context.live.publish('job', { id: row.id });
};

const fail = async (context: Context, row: JobRow, error: unknown): Promise<void> => {
  if (error instanceof Refusal) return finish(context, row, 'failed', { error: { code: error.code, detail: error.message } });
  const message = error instanceof Error ? error.message : String(error);
  context.log.error({ job: row.name, id: row.id, attempt: row.attempts, err: error }, 'a job failed');
  if (row.attempts >= mostAttempts) {
    return finish(context, row, 'failed', {
      error: { code: 'platform.job_failed', detail: `The work stopped ${row.attempts} times. The last reason was: ${message}` },
    });
  }
  await context.postgres`
    update platform.job set state = 'queued', lease_until = null, due_at = ${context.clock.now()}::timestamptz + ${2 ** row.attempts} * interval '1 second'
    where id = ${row.id} and fence = ${row.fence} and state = 'running'`;
};

// ---- schedules ---------------------------------------------------------------------------------------------------

/** Writes a row per scheduled job; `zone` is the organisation's. */
export const planSchedules = async (context: Context, jobs: readonly Job[], zone: string): Promise<void> => {
  for (const job of jobs) {
    if (!job.schedule) continue;
    const next = new Cron(job.schedule, { timezone: zone }).nextRun(context.clock.now());
    await context.postgres`
      insert into platform.schedule (name, rule, next_due_at) values (${job.name}, ${job.schedule}, ${next})
      on conflict (name) do update set rule = excluded.rule, next_due_at = case when platform.schedule.rule = excluded.rule then platform.schedule.next_due_at else excluded.next_due_at end`;
  }
};

/** Starts what is due. A run missed while the product was off is done once, not once per missed time. */
export const startDueSchedules = async (context: Context, zone: string): Promise<void> => {
  const now = context.clock.now();
  for (const { name, rule } of await context.postgres`select name, rule from platform.schedule where next_due_at <= ${now}`) {
    const next = new Cron(rule as string, { timezone: zone }).nextRun(now);
    const taken =
      await context.postgres`update platform.schedule set next_due_at = ${next} where name = ${name} and next_due_at <= ${now} returning name`;
    if (taken.length > 0) await startJob(context, name as string, {}, { key: 'schedule' });
  }
};

// ---- the worker --------------------------------------------------------------------------------------------------

export type Worker = { stop: () => Promise<void>; holds: () => string[] };

/** Runs stages single file across all processes (a session lock each, freed by PostgreSQL when its holder dies) and jobs side by side. */
export const startWorker = async (
  context: Context,
  pool: Pool,
  stages: readonly Stage[],
  options: { jobs: number; every_ms?: number; schedules: () => Promise<void> },
): Promise<Worker> => {
  let stopping = false;
  const wakers = new Set<() => void>();
  const sleep = (ms: number) =>
    new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      wakers.add(wake);
    });
  const wakeAll = () => {
    for (const wake of wakers) wake();
  };
  const listening = await pool.listen('regulars_work', wakeAll);
  const held = new Set<string>();

  const stageLoop = async (stage: Stage): Promise<void> => {
    while (!stopping) {
      const connection = await pool.reserve().catch(() => null);
      if (!connection) {
        await sleep(1000);
        continue;
      }
      try {
        const lock = stageLock(stage.name);
        const [{ locked }] = await connection`select pg_try_advisory_lock(${lock}) as locked`;
        if (!locked) {
          await sleep(2000);
          continue;
        }
        held.add(stage.name);
        while (!stopping) {
          const worked = await stage.step(context);
          if (!worked) {
            await sleep(stage.idleMs);
            await connection`select 1`;
          }
        }
        await connection`select pg_advisory_unlock(${lock})`;
      } catch (error) {
        context.log.error({ stage: stage.name, err: error }, 'a stage failed and will be tried again');
        await sleep(1000);
      } finally {
        held.delete(stage.name);
        // Also frees the lock when the step threw: a released connection goes back to the pool, so unlock explicitly.
        await connection`select pg_advisory_unlock_all()`.catch(() => {});
        connection.release();
      }
    }
  };
  const jobLoop = async (): Promise<void> => {
    while (!stopping) {
      const worked = await runOneJob(context).catch(error => {
        context.log.error({ err: error }, 'the job queue could not be read');
        return false;
      });
      if (!worked) await sleep(1000);
    }
  };
  const scheduleLoop = async (): Promise<void> => {
    while (!stopping) {
      await options.schedules().catch(error => context.log.error({ err: error }, 'schedules could not be read'));
      await sleep(15_000);
    }
  };
  const loops = [...stages.map(stageLoop), ...Array.from({ length: options.jobs }, jobLoop), scheduleLoop()];
  return {
    stop: async () => {
      stopping = true;
      wakeAll();
      await Promise.all(loops);
      await listening.unlisten().catch(() => {});
    },
    holds: () => [...held],
  };
};

/** A stable lock number per stage name (FNV-1a, 31 bits). */
const stageLock = (name: string): number => {
  let hash = 2166136261;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return hash & 0x7fffffff;
};
