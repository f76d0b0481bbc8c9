/** Segments in the admin: list, builder, one segment. */
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { api, defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'segments',
  texts: { en: () => import('../texts/en.ts') },
  nav: [{ to: '/segments', title: 'segments.web.title', icon: IconAdjustmentsHorizontal, order: 30, needs: 'segments:read' }],
  routes: [
    { path: '/segments', title: 'segments.web.title', needs: 'segments:read', load: () => import('./segments-page.tsx') },
    { path: '/segments/new', title: 'segments.web.new_title', needs: 'segments:read', load: () => import('./segment-new.tsx') },
    { path: '/segments/:id', title: 'segments.web.title', needs: 'segments:read', load: () => import('./segment-page.tsx') },
  ],
  fills: fillWeb(
    customerPanels,
    {
      key: 'segment-history',
      title: 'segments.web.title',
      order: 60,
      place: 'tab' as const,
      needs: 'customers:read',
      load: () => import('./customer-history.tsx'),
    },
    {
      key: 'segments',
      title: 'segments.web.title',
      order: 40,
      place: 'side' as const,
      needs: 'segments:read',
      load: () => import('./customer-panel.tsx'),
    },
  ),
  searches: [
    {
      key: 'segments',
      title: 'segments.web.title',
      needs: 'segments:read',
      find: async (query, signal) => {
        const { data } = await api('GET /api/segments', { query: { query, limit: 5 } }, { signal });
        return data.map(segment => ({
          key: segment.id,
          title: segment.name,
          to: `/segments/${segment.id}`,
          icon: IconAdjustmentsHorizontal,
        }));
      },
    },
  ],
});
