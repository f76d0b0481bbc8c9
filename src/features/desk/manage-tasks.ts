/** Staff tasks: make, change, do, put off. Verbs come in pairs: done / reopen, snooze / wake. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { dayIn } from '../../platform/time.ts';
import { staffNames } from '../access/index.ts';
import { organisationOf } from '../shops/index.ts';
import { notify } from './notify.ts';
import { customersFor, ownerFor, ownTasks } from './postgres.ts';

type Stored = {
  id: string;
  kind: 'task' | 'call';
  title: string;
  note: string | null;
  phone: string | null;
  link: string | null;
  due_on: string | null;
  customer_id: number | null;
  assignee_id: string | null;
  snoozed_until: string | null;
  done_at: Date | null;
  done_by: string | null;
  created_at: Date;
  created_by: string;
  version: number;
};

const columns = [
  'id',
  'kind',
  'title',
  'note',
  'phone',
  'link',
  'due_on',
  'customer_id',
  'assignee_id',
  'snoozed_until',
  'done_at',
  'done_by',
  'created_at',
  'created_by',
  'version',
];

export type TaskQuery = {
  state: 'open' | 'snoozed' | 'done';
  assignee: string | undefined;
  customer: number | undefined;
  limit: number;
  cursor: string | undefined;
};

/** Open ones by due day, those without one last; done ones newest first. */
export const listTasks = async (context: Context, query: TaskQuery) => {
  const sql = context.postgres;
  const today = await todayOf(context);
  const done = query.state === 'done';
  const rank = done
    ? sql`(-extract(epoch from t.done_at))::float8`
    : sql`extract(epoch from coalesce(t.due_on, date '9999-01-01'))::float8`;
  const after = readCursor(query.cursor);
  const assignee = query.assignee === 'me' ? context.actor.id : query.assignee;
  const rows = (await sql`
    select ${sql(columns)}, ${rank} as rank from desk.task t
    where ${done ? sql`t.done_at is not null` : query.state === 'snoozed' ? sql`t.done_at is null and t.snoozed_until > ${today}::date` : sql`t.done_at is null and (t.snoozed_until is null or t.snoozed_until <= ${today}::date)`}
      ${query.assignee === 'nobody' ? sql`and t.assignee_id is null` : assignee ? sql`and t.assignee_id = ${assignee}::uuid` : sql``}
      ${query.customer === undefined ? sql`` : sql`and t.customer_id = customers.owner_of(${query.customer})`}
      ${after ? sql`and (${rank}, t.id) > (${after.rank}, ${after.id}::uuid)` : sql``}
      and ${ownTasks(context)}
    order by ${rank}, t.id limit ${query.limit + 1}`) as unknown as (Stored & { rank: number })[];
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const next = rows.length > query.limit && last ? Buffer.from(JSON.stringify([last.rank, last.id])).toString('base64url') : null;
  return { data: await present(context, shown, today), next_cursor: next };
};

export const showTask = async (context: Context, id: string) => presentOne(context, await findTask(context, id));

type Fields = {
  title?: string;
  kind?: 'task' | 'call';
  note?: string | null;
  phone?: string | null;
  /** Where in Regulars it is done; other features only. */
  link?: string | null;
  dueOn?: string | null;
  customerId?: number | null;
  assigneeId?: string | null;
};

export const createTask = (context: Context, input: Fields & { title: string }) =>
  inTransaction(context, async inside => {
    const customerId = await customerOf(inside, input.customerId);
    await refuseStranger(inside, input.assigneeId);
    const [{ id }] = await inside.postgres`
      insert into desk.task (origin_id, customer_id, kind, title, note, phone, link, due_on, assignee_id, created_at, created_by)
      values (${customerId}, ${customerId}, ${input.kind ?? 'task'}, ${input.title}, ${input.note ?? null}, ${input.phone ?? null}, ${input.link ?? null}, ${input.dueOn ?? null}::date, ${input.assigneeId ?? null}::uuid,
        ${inside.clock.now()}, ${inside.actor.name})
      returning id`;
    await audit(inside, 'desk.task_created', { subject: { kind: 'task', id: id as string } });
    await tellAssignee(inside, id as string, input.title, input.assigneeId ?? null);
    await inside.live.publish('task', { id });
    return presentOne(inside, await findTask(inside, id as string));
  });

/** Takes back tasks that were made in bulk and that nobody has touched since. Returns whose they were. */
export const withdrawTasks = async (context: Context, ids: readonly string[]): Promise<number[]> => {
  const gone = await context.postgres`
    delete from desk.task where id = any(${ids as string[]}::uuid[]) and done_at is null and version = 1 returning customer_id`;
  if (gone.length > 0) await context.live.publish('task', {});
  return gone.map(row => row.customer_id as number);
};

export const changeTask = (context: Context, id: string, version: number, change: Fields) =>
  inTransaction(context, async inside => {
    const before = await lockTask(inside, id);
    if (before.version !== version) throw stale('task');
    refuseHiddenPhone(inside, change);
    const customerId = change.customerId === undefined ? before.customer_id : await customerOf(inside, change.customerId);
    const assigneeId = change.assigneeId === undefined ? before.assignee_id : change.assigneeId;
    if (change.assigneeId !== undefined) await refuseStranger(inside, change.assigneeId);
    const next = {
      kind: change.kind ?? before.kind,
      title: change.title ?? before.title,
      note: change.note === undefined ? before.note : change.note,
      phone: change.phone === undefined ? before.phone : change.phone,
      dueOn: change.dueOn === undefined ? before.due_on : change.dueOn,
    };
    await inside.postgres`
      update desk.task set kind = ${next.kind}, title = ${next.title}, note = ${next.note}, phone = ${next.phone}, due_on = ${next.dueOn}::date, assignee_id = ${assigneeId}::uuid,
        origin_id = case when customer_id is distinct from ${customerId}::bigint then ${customerId}::bigint else origin_id end, customer_id = ${customerId}::bigint, version = version + 1
      where id = ${id}`;
    if (assigneeId !== before.assignee_id) await tellAssignee(inside, id, next.title, assigneeId);
    return changed(inside, id, 'desk.task_changed');
  });

export const finishTask = (context: Context, id: string) =>
  inTransaction(context, async inside => {
    const task = await lockTask(inside, id);
    if (task.done_at)
      throw new Refusal('conflict', 'desk.task_already_done', 'Somebody has already done this task. Load the list again.');
    await inside.postgres`update desk.task set done_at = ${inside.clock.now()}, done_by = ${inside.actor.name}, snoozed_until = null, version = version + 1 where id = ${id}`;
    return changed(inside, id, 'desk.task_done');
  });

export const reopenTask = (context: Context, id: string) =>
  inTransaction(context, async inside => {
    const task = await lockTask(inside, id);
    if (!task.done_at) throw new Refusal('conflict', 'desk.task_not_done', 'This task is open already. Load the list again.');
    await inside.postgres`update desk.task set done_at = null, done_by = null, version = version + 1 where id = ${id}`;
    return changed(inside, id, 'desk.task_reopened');
  });

export const snoozeTask = (context: Context, id: string, until: string) =>
  inTransaction(context, async inside => {
    const task = await lockTask(inside, id);
    if (task.done_at)
      throw new Refusal('conflict', 'desk.task_already_done', 'Somebody has already done this task. Load the list again.');
    if (until <= (await todayOf(inside))) {
      throw new Refusal('refused', 'desk.snooze_past', 'Choose a day after today to be reminded on.', {
        faults: [{ path: 'until', reason: 'Choose a day after today.' }],
      });
    }
    await inside.postgres`update desk.task set snoozed_until = ${until}::date, version = version + 1 where id = ${id}`;
    return changed(inside, id, 'desk.task_snoozed');
  });

export const wakeTask = (context: Context, id: string) =>
  inTransaction(context, async inside => {
    await lockTask(inside, id);
    await inside.postgres`update desk.task set snoozed_until = null, version = version + 1 where id = ${id}`;
    return changed(inside, id, 'desk.task_woken');
  });

const changed = async (context: Context, id: string, what: string) => {
  await audit(context, what, { subject: { kind: 'task', id } });
  await context.live.publish('task', { id });
  return presentOne(context, await findTask(context, id));
};

const findTask = async (context: Context, id: string): Promise<Stored> => {
  const [row] =
    await context.postgres`select ${context.postgres(columns)} from desk.task t where id = ${id} and ${ownTasks(context)}`;
  if (!row) throw notFound('task');
  return row as unknown as Stored;
};
const lockTask = async (context: Context, id: string): Promise<Stored> => {
  const [row] =
    await context.postgres`select ${context.postgres(columns)} from desk.task t where id = ${id} and ${ownTasks(context)} for update`;
  if (!row) throw notFound('task');
  return row as unknown as Stored;
};

const customerOf = async (context: Context, asked: number | null | undefined): Promise<number | null> => {
  if (asked === null || asked === undefined) return null;
  const id = await ownerFor(context, asked);
  if (id === null) throw notFound('customer');
  return id;
};

const refuseStranger = async (context: Context, assigneeId: string | null | undefined): Promise<void> => {
  if (!assigneeId || (await staffNames(context, [assigneeId])).has(assigneeId)) return;
  throw new Refusal('refused', 'desk.assignee_unknown', 'There is no such member of the team. Pick somebody from the list.', {
    faults: [{ path: 'assignee_id', reason: 'Pick a member of the team.' }],
  });
};

/** Whoever may not see a number cannot know what they would overwrite. */
const refuseHiddenPhone = (context: Context, change: Fields): void => {
  if (change.phone === undefined || maySee(context.actor, 'contact')) return;
  throw new Refusal('forbidden', 'desk.phone_hidden', 'Your role does not show phone numbers, so it cannot change them.');
};

const tellAssignee = async (context: Context, id: string, title: string, assigneeId: string | null): Promise<void> => {
  if (assigneeId === null || assigneeId === context.actor.id) return;
  await notify(context, {
    staffId: assigneeId,
    title: 'desk.notification.assigned',
    values: { title, by: context.actor.name },
    link: `/tasks?open=${id}`,
  });
};

const todayOf = async (context: Context): Promise<string> => dayIn((await organisationOf(context)).zone, context.clock.now());

const presentOne = async (context: Context, task: Stored) => (await present(context, [task], await todayOf(context)))[0]!;

const present = async (context: Context, tasks: readonly Stored[], today: string) => {
  const ids = tasks.flatMap(task => task.customer_id ?? []);
  const [customers, staff] = await Promise.all([
    customersFor(context, ids),
    staffNames(
      context,
      tasks.flatMap(task => task.assignee_id ?? []),
    ),
  ]);
  const contact = maySee(context.actor, 'contact');
  return tasks.map(task => {
    const customer = task.customer_id === null ? null : (customers.get(task.customer_id) ?? null);
    return {
      id: task.id,
      kind: task.kind,
      title: task.title,
      note: maySee(context.actor, 'notes') || task.created_by === context.actor.name ? task.note : null,
      phone: contact ? (task.phone ?? customer?.phone ?? null) : null,
      link: task.link,
      due_on: task.due_on,
      overdue: task.done_at === null && task.due_on !== null && task.due_on < today,
      customer: customer && { id: customer.id, name: customer.name, outside_id: customer.outside_id },
      assignee: task.assignee_id === null ? null : { id: task.assignee_id, name: staff.get(task.assignee_id) ?? '' },
      snoozed_until: task.snoozed_until !== null && task.snoozed_until > today ? task.snoozed_until : null,
      done_at: task.done_at?.toISOString() ?? null,
      done_by: task.done_by,
      created_at: task.created_at.toISOString(),
      created_by: task.created_by,
      version: task.version,
    };
  });
};

const readCursor = (text: string | undefined): { rank: number; id: string } | null => {
  if (!text) return null;
  try {
    const [rank, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string];
    if (Number.isFinite(rank) && /^[0-9a-f-]{36}$/.test(id)) return { rank, id };
  } catch {
    // falls through to the refusal
  }
  throw new Refusal('malformed', 'desk.cursor', 'This page mark does not belong to this list. Start again without "cursor".');
};
