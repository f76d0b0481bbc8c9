import { bindRoutes } from '../../platform/http.ts';
import { chooseToday, unchooseToday } from './choose-today.ts';
import { contract } from './contract.ts';
import { changeTask, createTask, finishTask, listTasks, reopenTask, showTask, snoozeTask, wakeTask } from './manage-tasks.ts';
import { listNotifications, markAllRead, markRead } from './notify.ts';
import { teamForTasks } from './postgres.ts';
import { searchEverything } from './search.ts';
import { showToday } from './show-today.ts';

type TaskBody = {
  kind?: 'task' | 'call';
  title?: string;
  note?: string | null;
  phone?: string | null;
  due_on?: string | null;
  customer_id?: string | null;
  assignee_id?: string | null;
};
const fieldsOf = ({ kind, title, note, phone, due_on: dueOn, customer_id: customer, assignee_id: assigneeId }: TaskBody) => ({
  kind,
  title,
  note,
  phone,
  dueOn,
  customerId: customer === undefined || customer === null ? customer : Number(customer),
  assigneeId,
});

export const routes = bindRoutes(contract, {
  showToday: (context, { query }) => showToday(context, query.as_of ?? null),
  doneToday: (context, { params, body }) =>
    chooseToday(context, { customerId: Number(params.customer), verb: 'done', note: body.note }),
  skipToday: (context, { params, body }) =>
    chooseToday(context, { customerId: Number(params.customer), verb: 'skip', note: body.note }),
  snoozeToday: (context, { params, body }) =>
    chooseToday(context, { customerId: Number(params.customer), verb: 'snooze', until: body.until, note: body.note }),
  undoToday: (context, { params }) => unchooseToday(context, Number(params.customer)),
  listTasks: (context, { query }) =>
    listTasks(context, {
      ...query,
      assignee: query.assignee,
      customer: query.customer === undefined ? undefined : Number(query.customer),
      cursor: query.cursor,
    }),
  createTask: (context, { body }) => createTask(context, { ...fieldsOf(body), title: body.title }),
  showTask: (context, { params }) => showTask(context, params.id),
  changeTask: (context, { params, body }) => changeTask(context, params.id, body.version, fieldsOf(body)),
  finishTask: (context, { params }) => finishTask(context, params.id),
  reopenTask: (context, { params }) => reopenTask(context, params.id),
  snoozeTask: (context, { params, body }) => snoozeTask(context, params.id, body.until),
  wakeTask: (context, { params }) => wakeTask(context, params.id),
  listTeam: async context => ({ data: await teamForTasks(context) }),
  listNotifications: (context, { query }) => listNotifications(context, query.limit),
  readNotification: (context, { params }) => markRead(context, params.id, true),
  unreadNotification: (context, { params }) => markRead(context, params.id, false),
  readAllNotifications: context => markAllRead(context),
  search: (context, { query }) => searchEverything(context, query.query),
});
