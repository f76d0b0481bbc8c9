/** Predictions in the admin: the ranked list, the track record, panels on Today and on the customer page. */
import { IconChartDots } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import { todayPanels } from '../../desk/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'predictions',
  texts: { en: () => import('../texts/en.ts') },
  nav: [{ to: '/predictions', title: 'predictions.nav', icon: IconChartDots, order: 60, needs: 'predictions:read' }],
  routes: [
    { path: '/predictions', title: 'predictions.list.title', needs: 'predictions:read', load: () => import('./scores-page.tsx') },
    {
      path: '/predictions/record',
      title: 'predictions.record.title',
      needs: 'predictions:read',
      load: () => import('./record-page.tsx'),
    },
  ],
  fills: [
    ...fillWeb(todayPanels, {
      name: 'predictions',
      order: 10,
      needs: 'predictions:read',
      load: () => import('./sureness-panel.tsx'),
    }),
    ...fillWeb(customerPanels, {
      key: 'predictions',
      title: 'predictions.panel.title',
      order: 10,
      place: 'side' as const,
      needs: 'predictions:read',
      load: () => import('./scores-panel.tsx'),
    }),
  ],
});
