/** Imports in the admin: bring a file, see what was found, say what it means, count, import, look at the result. */
import { IconTableImport } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'imports',
  texts: { en: () => import('../texts/en.ts') },
  lateTexts: true,
  nav: [{ to: '/imports', title: 'imports.nav', icon: IconTableImport, order: 70, needs: 'imports:read' }],
  routes: [
    { path: '/imports', title: 'imports.list.title', needs: 'imports:read', load: () => import('./imports-page.tsx') },
    { path: '/imports/sources', title: 'imports.sources.title', needs: 'imports:read', load: () => import('./sources-page.tsx') },
    {
      path: '/imports/sources/:id',
      title: 'imports.sources.title',
      needs: 'imports:read',
      load: () => import('./source-page.tsx'),
    },
    {
      path: '/imports/mappings',
      title: 'imports.mappings.title',
      needs: 'imports:read',
      load: () => import('./mappings-page.tsx'),
    },
    { path: '/imports/:id', title: 'imports.page.title', needs: 'imports:read', load: () => import('./import-page.tsx') },
  ],
});
