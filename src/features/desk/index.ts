/** Desk: what staff do next. Tasks, Today's list, notifications, one search. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { timelineEntries } from '../customers/index.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { reactions } from './reactions.ts';
import { deskRetention } from './retention.ts';
import { routes } from './routes.ts';
import { orders, people, segments } from './search.ts';
import { searchSources } from './slots.ts';
import { tellRejections } from './tell-rejections.ts';
import { en } from './texts/en.ts';
import { taskTimeline } from './timeline.ts';

export { createTask, withdrawTasks } from './manage-tasks.ts';
export { notify } from './notify.ts';
export {
  type Found,
  type SearchSource,
  searchSources,
  type TodayFigure,
  type TodayPerson,
  type TodayReason,
  type TodaySource,
  todayItems,
} from './slots.ts';

export const feature = defineFeature({
  name: 'desk',
  contract,
  routes,
  permissions: [
    { verb: 'today:read', label: 'desk.permission.today_read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'today:write', label: 'desk.permission.today_write', roles: ['marketer', 'support'] },
    { verb: 'tasks:read', label: 'desk.permission.tasks_read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'tasks:write', label: 'desk.permission.tasks_write', roles: ['marketer', 'support', 'analyst', 'finance'] },
  ],
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  reactions: [...reactions, tellRejections],
  fills: [...deskRetention, ...fill(searchSources, people, orders, segments), ...fill(timelineEntries, taskTimeline)],
  texts: en,
});
