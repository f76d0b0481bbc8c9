/** Bulk changes: the bar over the list of customers, and the page of what was done. */
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customersPages, selectionBar } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'bulk',
  texts: { en: () => import('../texts/en.ts') },
  routes: [{ path: '/bulk-changes', title: 'bulk.title', needs: 'customers:write', load: () => import('./changes-page.tsx') }],
  fills: [
    ...fillWeb(selectionBar, { load: () => import('./bulk-bar.tsx') }),
    ...fillWeb(customersPages, { to: '/bulk-changes', title: 'bulk.title', order: 40, needs: 'customers:write' }),
  ],
});
