import { z } from 'zod';
import { asOf, customerId, day, defineContract, instant, listOf, money, page, uuid } from '../../platform/contract.ts';

const values = z.record(z.string(), z.union([z.string(), z.number()]));
const person = z.object({ id: customerId, name: z.string().nullable(), outside_id: z.string().nullable() });

export const task = z.object({
  id: uuid,
  kind: z.enum(['task', 'call']),
  title: z.string(),
  note: z.string().nullable(),
  /** The number given for this call, else the customer's own; null for a role without contact data. */
  phone: z.string().nullable(),
  /** Address inside the admin app where it is done. */
  link: z.string().nullable(),
  due_on: day.nullable(),
  overdue: z.boolean(),
  customer: person.nullable(),
  assignee: z.object({ id: uuid, name: z.string() }).nullable(),
  snoozed_until: day.nullable(),
  done_at: instant.nullable(),
  done_by: z.string().nullable(),
  created_at: instant,
  created_by: z.string(),
  version: z.number().int(),
});

const title = z
  .string()
  .trim()
  .min(1, 'Say in a few words what is to be done.')
  .max(200, 'Keep the title under 200 letters; the note has room for more.');
const note = z.string().max(5000, 'Keep the note under 5,000 letters.').nullable();
const phone = z.string().trim().max(40, 'A phone number has at most 40 signs.').nullable();
const taskFields = {
  kind: z.enum(['task', 'call']).optional(),
  note: note.optional(),
  phone: phone.optional(),
  due_on: day.nullable().optional(),
  customer_id: customerId.nullable().optional(),
  assignee_id: uuid.nullable().optional(),
};
const oneTask = { params: z.object({ id: uuid }), answer: task, errors: ['not_found', 'conflict'] } as const;

export const todayPerson = z.object({
  customer: person.extend({ country: z.string().nullable(), phone: z.string().nullable(), email: z.string().nullable() }),
  /** Ranks the list; null without the right to see money, or where there is not enough data. */
  at_risk: money.nullable(),
  /** Expected sales of the next 12 months. */
  worth: money.nullable(),
  sales: money.nullable(),
  purchase_days: z.number(),
  usual_gap_days: z.number().nullable(),
  days_since: z.number(),
  last_day: day,
  reasons: z.array(z.object({ code: z.string(), values })),
});
const choice = { params: z.object({ customer: customerId }), errors: ['not_found', 'refused'] } as const;
const choiceAnswer = z.object({ until: day });

export const contract = defineContract({
  showToday: {
    method: 'GET',
    path: '/api/today',
    summary: 'At most ten people to keep, ranked by what is at risk, and the key figures',
    needs: 'today:read',
    query: z.object(asOf),
    answer: z.object({
      /** The day the list stands on; null = nothing is known yet. */
      as_of: day.nullable(),
      /** Nothing is known yet because it is being worked out. */
      working: z.boolean(),
      people: z.array(todayPerson),
      figures: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          link: z.string().nullable(),
          number: z.number().nullable(),
          money: money.nullable(),
        }),
      ),
      done_today: z.number().int(),
      skipped_today: z.number().int(),
      snoozed_today: z.number().int(),
      /** How many people earlier choices keep off the list. */
      hidden: z.number().int(),
      tasks: z.object({ open: z.number().int(), due: z.number().int() }),
    }),
    errors: ['refused'],
  },
  doneToday: {
    method: 'POST',
    path: '/api/today/:customer/done',
    summary: 'This person was taken care of: leave them in peace for a while',
    needs: 'today:write',
    body: z.object({ note: note.optional() }),
    answer: choiceAnswer,
    ...choice,
  },
  skipToday: {
    method: 'POST',
    path: '/api/today/:customer/skip',
    summary: 'Not this person: shown less and less often',
    needs: 'today:write',
    body: z.object({ note: note.optional() }),
    answer: choiceAnswer,
    ...choice,
  },
  snoozeToday: {
    method: 'POST',
    path: '/api/today/:customer/snooze',
    summary: 'Show this person again on a later day',
    needs: 'today:write',
    body: z.object({ until: day, note: note.optional() }),
    answer: choiceAnswer,
    ...choice,
  },
  undoToday: {
    method: 'POST',
    path: '/api/today/:customer/undo',
    summary: 'Take the last choice about this person back',
    needs: 'today:write',
    body: z.object({}),
    params: choice.params,
    errors: ['not_found', 'conflict'],
  },
  listTasks: {
    method: 'GET',
    path: '/api/tasks',
    summary: 'Tasks of the team',
    needs: 'tasks:read',
    query: z.object({
      ...page,
      state: z.enum(['open', 'snoozed', 'done']).default('open'),
      assignee: z.union([z.enum(['me', 'nobody']), uuid]).optional(),
      customer: customerId.optional(),
    }),
    answer: listOf(task),
  },
  createTask: {
    method: 'POST',
    path: '/api/tasks',
    summary: 'Make a task, for oneself or somebody else',
    needs: 'tasks:write',
    body: z.object({ title, ...taskFields }),
    answer: task,
    status: 201,
    errors: ['not_found', 'refused'],
  },
  showTask: { method: 'GET', path: '/api/tasks/:id', summary: 'One task', needs: 'tasks:read', ...oneTask },
  changeTask: {
    method: 'PATCH',
    path: '/api/tasks/:id',
    summary: 'Change a task',
    needs: 'tasks:write',
    body: z.object({ version: z.number().int(), title: title.optional(), ...taskFields }),
    ...oneTask,
  },
  finishTask: {
    method: 'POST',
    path: '/api/tasks/:id/done',
    summary: 'The task is done',
    needs: 'tasks:write',
    body: z.object({}),
    ...oneTask,
  },
  reopenTask: {
    method: 'POST',
    path: '/api/tasks/:id/reopen',
    summary: 'The task is not done after all',
    needs: 'tasks:write',
    body: z.object({}),
    ...oneTask,
  },
  snoozeTask: {
    method: 'POST',
    path: '/api/tasks/:id/snooze',
    summary: 'Put the task off until a day',
    needs: 'tasks:write',
    body: z.object({ until: day }),
    ...oneTask,
  },
  wakeTask: {
    method: 'POST',
    path: '/api/tasks/:id/wake',
    summary: 'Show a task that was put off again',
    needs: 'tasks:write',
    body: z.object({}),
    ...oneTask,
  },
  listTeam: {
    method: 'GET',
    path: '/api/tasks/team',
    summary: 'Whom a task can be given to',
    needs: 'tasks:read',
    answer: z.object({ data: z.array(z.object({ id: uuid, name: z.string() })) }),
  },
  listNotifications: {
    method: 'GET',
    path: '/api/notifications',
    summary: 'What you should know, newest first',
    needs: 'signed-in',
    query: z.object({ limit: page.limit }),
    answer: z.object({
      data: z.array(
        z.object({ id: uuid, title: z.string(), values, link: z.string().nullable(), at: instant, read_at: instant.nullable() }),
      ),
      unread: z.number().int(),
    }),
  },
  readNotification: {
    method: 'POST',
    path: '/api/notifications/:id/read',
    summary: 'Mark as read',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    body: z.object({}),
    errors: ['not_found'],
  },
  unreadNotification: {
    method: 'POST',
    path: '/api/notifications/:id/unread',
    summary: 'Mark as not read',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    body: z.object({}),
    errors: ['not_found'],
  },
  readAllNotifications: {
    method: 'POST',
    path: '/api/notifications/read-all',
    summary: 'Mark all as read',
    needs: 'signed-in',
    body: z.object({}),
  },
  search: {
    method: 'GET',
    path: '/api/search',
    summary: 'People, orders, segments and more, by what was typed',
    needs: 'signed-in',
    query: z.object({ query: z.string().max(200) }),
    answer: z.object({
      groups: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          found: z.array(z.object({ id: z.string(), title: z.string(), detail: z.string().nullable(), link: z.string() })),
        }),
      ),
    }),
  },
});
