/** Saved views in the toolbar of every list, and in Ctrl K. */
import { IconLayoutList } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { api, defineScreens, fillWeb, tableTools } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'views',
  texts: { en: () => import('../texts/en.ts') },
  fills: fillWeb(tableTools, { order: 10, load: () => import('./saved-views.tsx') }),
  searches: [
    {
      key: 'views',
      title: 'views.search',
      find: async (query, signal) => {
        const { data } = await api('GET /api/views', { query: {} }, { signal });
        const words = query.toLowerCase();
        return data
          .filter(view => view.name.toLowerCase().includes(words))
          .slice(0, 6)
          .map(view => ({
            key: view.id,
            title: view.name,
            detail: view.page,
            to: `${view.page}${view.query}`,
            icon: IconLayoutList,
          }));
      },
    },
  ],
});
