/** Desk in the admin: Today and tasks. */
import { IconChecklist, IconSun } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, defineWebSlot, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

/** Beside Today's list: what a later feature has to say about it. Load the component lazily. */
export type TodayPanel = { name: string; order: number; needs?: string; load: () => Promise<{ default: ComponentType }> };
export const todayPanels = defineWebSlot<TodayPanel>('desk.todayPanels', panel => panel.order);

export { useReason } from './reason.ts';

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
