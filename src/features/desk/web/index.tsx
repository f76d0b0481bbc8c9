/** Desk in the admin: Today and tasks. */
import { IconChecklist, IconSun } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export { useReason } from './reason.ts';
export { type TodayPanel, todayPanels } from './today-panels.ts';

export const screens = defineScreens({
  name: 'desk',
  texts: { en: () => import('../texts/en.ts') },
  nav: [
    { to: '/', title: 'desk.today.title', icon: IconSun, order: 10, needs: 'today:read' },
    { to: '/tasks', title: 'desk.tasks.title', icon: IconChecklist, order: 15, needs: 'tasks:read' },
  ],
  routes: [
    { path: '/', title: 'desk.today.title', needs: 'today:read', load: () => import('./today-page.tsx') },
    { path: '/tasks', title: 'desk.tasks.title', needs: 'tasks:read', load: () => import('./tasks-page.tsx') },
  ],
  actions: [{ key: 'desk.new_task', title: 'desk.tasks.new', icon: IconChecklist, needs: 'tasks:write', to: '/tasks?new=task' }],
  fills: fillWeb(customerPanels, {
    key: 'tasks',
    title: 'desk.tasks.title',
    order: 40,
    place: 'side' as const,
    needs: 'tasks:read',
    load: () => import('./customer-tasks.tsx'),
  }),
});
