/** The welcome form in the admin: set it up, see it, read the answers; a link for one customer on their page. */
import { IconMessageHeart } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels, customersPages } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'welcome',
  texts: { en: () => import('../texts/en.ts') },
  lateTexts: true,
  routes: [{ path: '/welcome-form', title: 'welcome.title', needs: 'welcome:read', load: () => import('./welcome-page.tsx') }],
  fills: [
    ...fillWeb(customersPages, { to: '/welcome-form', title: 'welcome.title', order: 30, needs: 'welcome:read' }),
    ...fillWeb(customerPanels, {
      key: 'welcome',
      title: 'welcome.title',
      order: 70,
      place: 'side' as const,
      needs: 'welcome:write',
      load: () => import('./link-panel.tsx'),
    }),
  ],
  actions: [{ key: 'welcome.open', title: 'welcome.title', icon: IconMessageHeart, needs: 'welcome:read', to: '/welcome-form' }],
});
