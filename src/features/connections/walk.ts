/**
 * Reading everything, as a job with progress: the backfill (all of it historical), the nightly sweep over what was changed lately, and the
 * weekly full sweep, which catches what updated_at missed and notices what is gone. Goes on at its page after a kill.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { Job, JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import type { Connection } from './connection.ts';
import { type Access, type Connector, ConnectorError, type ResourceCode } from './connector.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { noteFailure, noteSuccess, troubleOf } from './health.ts';
import { connectionsOf, findConnection } from './postgres.ts';
import { Overtaken, takePage } from './take-page.ts';
import { takeTold } from './take-told.ts';

export const walkJob = 'connections.walk';
export type WalkKind = 'backfill' | 'sweep' | 'full_sweep';

const sweepBack_days = 30;
/** Waits between tries while the outside system does not answer; then the queue's own backoff takes over. */
const patience_ms = [1_000, 5_000, 15_000, 30_000];
/** More than this missing at once is looked into one by one at the next full sweep again. */
const mostMissing = 2_000;

type Walk = {
  id: string;
  connection_id: string;
  kind: WalkKind;
  resources: ResourceCode[];
  place: number;
  page: string | null;
  done: number;
  total: number | null;
  changed: number;
  started_at: Date;
};

/** Queues a reading; one of a kind per connection at a time. Returns the job's id. */
export const startWalk = (context: Context, connectionId: string, kind: WalkKind): Promise<string> =>
  inTransaction(context, async inside => {
    const connection = await findConnection(inside, connectionId);
    if (!connection) throw notFound('connection');
    if (connection.state === 'paused')
      throw new Refusal('refused', 'connections.is_paused', 'This connection is paused. Resume it first.');
    const [running] = await inside.postgres`
      select w.job_id from connections.walk w join platform.job j on j.id = w.job_id
      where w.connection_id = ${connectionId} and w.kind = ${kind} and w.finished_at is null and j.state in ('queued', 'running')`;
    if (running) return running.job_id as string;
    const resources = connectorOf(connection.kind).resources.map(resource => resource.code);
    const [walk] = await inside.postgres`
      insert into connections.walk (connection_id, kind, resources, started_at) values (${connectionId}, ${kind}, ${resources}, ${inside.clock.now()}) returning id`;
    const jobId = await startJob(inside, walkJob, { walk_id: walk.id }, { key: walk.id as string });
    await inside.postgres`update connections.walk set job_id = ${jobId} where id = ${walk.id}`;
    return jobId;
  });

const readWalk = async (context: Context, id: string): Promise<Walk | null> => {
  const [row] = await context.postgres`select * from connections.walk where id = ${id}`;
  return (row as unknown as Walk) ?? null;
};

const run: Job['run'] = async (context, payload, progress) => {
  const walk = await readWalk(context, payload.walk_id as string);
  const connection = walk && (await findConnection(context, walk.connection_id));
  if (!walk || !connection) return { gone: true };
  const connector = connectorOf(connection.kind);
  const access = await accessOf(context, connection);
  const patient = patientOf(context, connection);
  const total = walk.total ?? (walk.kind === 'sweep' ? null : await countAll(connector, access, walk.resources, patient));
  await context.postgres`update connections.walk set total = ${total} where id = ${walk.id}`;
  let now: Walk = { ...walk, total };
  while (now.place < now.resources.length) {
    now = await readOn(context, connection, connector, access, now, patient);
    await progress.report(Math.min(now.done, now.total ?? now.done), now.total, now.resources[now.place] ?? null!);
  }
  await context.postgres`update connections.walk set finished_at = ${context.clock.now()} where id = ${walk.id}`;
  await noteSuccess(context, connection.id);
  return { met: now.done, changed: now.changed };
};

type Patient = <T>(work: () => Promise<T>) => Promise<T>;

/** Waits out what passes by itself; anything else is shown on the connection and ends this try. */
const patientOf =
  (context: Context, connection: Connection): Patient =>
  async work => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const trouble = troubleOf(error);
        const passes = trouble && ['throttled', 'unreachable', 'timeout', 'bad_answer'].includes(trouble.code);
        if (!passes || attempt >= patience_ms.length) {
          if (trouble && trouble.code !== 'bad_page') await noteFailure(context, connection.id, trouble);
          throw error;
        }
        await wait(
          trouble.retryAfter_seconds === null ? patience_ms[attempt] : Math.min(60_000, trouble.retryAfter_seconds * 1000),
        );
      }
    }
  };

const countAll = async (
  connector: Connector,
  access: Access,
  resources: readonly ResourceCode[],
  patient: Patient,
): Promise<number | null> => {
  let total = 0;
  for (const resource of resources) {
    const count = await patient(() => connector.count(access, resource));
    if (count === null) return null;
    total += count;
  }
  return total;
};

/** One page, or the end of a resource. */
const readOn = async (
  context: Context,
  connection: Connection,
  connector: Connector,
  access: Access,
  walk: Walk,
  patient: Patient,
): Promise<Walk> => {
  const resource = walk.resources[walk.place];
  const since = walk.kind === 'sweep' ? new Date(walk.started_at.getTime() - sweepBack_days * 86_400_000) : null;
  let page: Awaited<ReturnType<Connector['poll']>>;
  try {
    page = await patient(() => connector.poll(access, resource, { since, page: walk.page }));
  } catch (error) {
    if (!(error instanceof ConnectorError && error.code === 'bad_page') || walk.page === null) throw error;
    return keep(context, walk, { ...walk, page: null });
  }
  const isEnd = page.next === null;
  const after = (taken: { met: number; changed: number }): Walk => ({
    ...walk,
    page: page.next,
    place: isEnd ? walk.place + 1 : walk.place,
    done: walk.done + taken.met,
    changed: walk.changed + taken.changed,
  });
  // What is gone is asked for before the place moves on, so that a kill in between looks again.
  if (isEnd && walk.kind === 'full_sweep' && connector.resources.find(one => one.code === resource)?.complete)
    await lookForMissing(
      context,
      connection,
      connector,
      access,
      walk,
      page.items.map(item => item.id),
      patient,
    );
  const taken = await takePage(
    context,
    connection,
    connector,
    resource,
    page,
    { historical: walk.kind === 'backfill', refunds: 'whole', walkId: walk.id },
    async (inside, done) => void (await keep(inside, walk, after(done))),
  );
  return after(taken);
};

/** Refused when another worker has gone on with it in the meantime. */
const keep = async ({ postgres }: Context, before: Walk, next: Walk): Promise<Walk> => {
  const written = await postgres`
    update connections.walk set place = ${next.place}, page = ${next.page}, done = ${next.done}, changed = ${next.changed}
    where id = ${before.id} and place = ${before.place} and page is not distinct from ${before.page} returning id`;
  if (written.length === 0) throw new Overtaken('Another worker goes on with this reading.');
  return next;
};

/** Records we hold that the whole reading did not meet: each is asked for by its id; gone is what the outside system says is not there. */
const lookForMissing = async (
  context: Context,
  connection: Connection,
  connector: Connector,
  access: Access,
  walk: Walk,
  lastPage: readonly string[],
  patient: Patient,
): Promise<void> => {
  const resource = walk.resources[walk.place];
  const rows = await context.postgres`
    select outside_id from connections.record
    where connection_id = ${connection.id} and resource = ${resource} and gone_at is null and walk_id is distinct from ${walk.id}
      and outside_id <> all(${lastPage as string[]}::text[]) order by outside_id limit ${mostMissing}`;
  for (const row of rows) {
    const id = row.outside_id as string;
    const item = await patient(() => connector.fetch(access, resource, id));
    const said = item
      ? connector.translate(resource, item.payload, { settings: connection.settings })
      : [{ kind: 'gone' as const, resource, id, asked: true as const }];
    for (const told of said)
      await inTransaction(context, async inside => {
        await takeTold(inside, connection, told, item?.observedAt ?? inside.clock.now(), 'whole');
        if (!item) await inside.postgres`update connections.walk set gone = gone + 1 where id = ${walk.id}`;
      });
  }
};

/** Sundays everything, other nights what was changed lately. */
const sweepAll = async (context: Context): Promise<void> => {
  const kind: WalkKind = context.clock.now().getUTCDay() === 0 ? 'full_sweep' : 'sweep';
  for (const connection of await connectionsOf(context))
    if (connection.state === 'active') await startWalk(context, connection.id, kind);
};

export const walkJobs: readonly Job[] = [
  { name: walkJob, run: (context, payload, progress: JobProgress) => run(context, payload, progress) },
  { name: 'connections.sweep', schedule: '40 2 * * *', run: sweepAll },
];
