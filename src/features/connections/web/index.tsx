/** Screens: the connections, connecting a shop, one connection; and what Today says of those that stopped. */
import { IconPlugConnected } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { todayPanels } from '../../desk/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

const needs = 'connections:read';

export const screens = defineScreens({
  name: 'connections',
  texts: { en: () => import('../texts/en.ts') },
  lateTexts: true,
  routes: [
    { path: '/settings/connections', title: 'connections.list.title', needs, load: () => import('./connections-page.tsx') },
    {
      path: '/settings/connections/new/:kind',
      title: 'connections.new.title',
      needs: 'connections:write',
      load: () => import('./connect-page.tsx'),
    },
    { path: '/settings/connections/:id', title: 'connections.list.title', needs, load: () => import('./connection-page.tsx') },
  ],
  settings: [
    {
      to: '/settings/connections',
      title: 'connections.list.title',
      description: 'connections.list.description',
      icon: IconPlugConnected,
      group: 'ui.settings.data',
      order: 200,
      needs,
    },
  ],
  actions: [
    {
      key: 'connections.connect',
      title: 'connections.action.connect',
      icon: IconPlugConnected,
      needs: 'connections:write',
      to: '/settings/connections',
    },
  ],
  fills: fillWeb(todayPanels, {
    name: 'connections',
    order: 5,
    needs,
    load: () => import('./today-alerts.tsx'),
  }),
});
