/** Data quality in the admin: the desk, and settings about customers as a whole. */
import { IconHeartbeat, IconUserCog } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customersPages } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'data-quality',
  texts: { en: () => import('../texts/en.ts') },
  lateTexts: true,
  routes: [
    { path: '/data-quality', title: 'data-quality.title', needs: 'data-quality:read', load: () => import('./quality-page.tsx') },
    {
      path: '/data-quality/:code',
      title: 'data-quality.title',
      needs: 'data-quality:read',
      load: () => import('./rule-page.tsx'),
    },
    {
      path: '/settings/customer-data',
      title: 'data-quality.settings.title',
      needs: 'shops:write',
      load: () => import('./settings-page.tsx'),
    },
  ],
  fills: fillWeb(customersPages, { to: '/data-quality', title: 'data-quality.nav', order: 20, needs: 'data-quality:read' }),
  settings: [
    {
      to: '/settings/customer-data',
      title: 'data-quality.settings.title',
      description: 'data-quality.settings.about',
      icon: IconUserCog,
      group: 'ui.settings.data',
      order: 305,
      needs: 'shops:write',
    },
  ],
  actions: [
    {
      key: 'data-quality.open',
      title: 'data-quality.title',
      icon: IconHeartbeat,
      needs: 'data-quality:read',
      to: '/data-quality',
    },
  ],
});
