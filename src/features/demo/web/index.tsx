/** Screen: bring the demo shop in, watch it come, take it away. */
import { IconCoffee } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'demo',
  texts: { en: () => import('../texts/en.ts') },
  routes: [{ path: '/settings/demo', title: 'demo.page.title', needs: 'demo:manage', load: () => import('./demo-page.tsx') }],
  settings: [
    {
      to: '/settings/demo',
      title: 'demo.page.title',
      description: 'demo.page.description',
      icon: IconCoffee,
      group: 'ui.settings.data',
      order: 290,
      needs: 'demo:manage',
    },
  ],
});
