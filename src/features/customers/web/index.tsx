/** Customers in the admin app: the list, one customer's page, and the place where other features add their panels. */
import { IconUser, IconUserPlus, IconUsers } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { api, defineScreens, fillWeb } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';
import { customersPages } from './panels.ts';
import { SuggestionsCount } from './suggestions-count.tsx';
import { titleOf } from './title.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export { CustomersNav } from './customers-nav.tsx';
export {
  type CustomerPanel,
  type CustomersPage,
  customerPanels,
  customersPages,
  type SelectionBarProps,
  selectionBar,
} from './panels.ts';
export { titleOf } from './title.ts';

export const screens = defineScreens({
  name: 'customers',
  texts: { en: () => import('../texts/en.ts') },
  nav: [{ to: '/customers', title: 'customers.nav', icon: IconUsers, order: 20, needs: 'customers:read' }],
  routes: [
    { path: '/customers', title: 'customers.list.title', needs: 'customers:read', load: () => import('./customers-page.tsx') },
    {
      path: '/customers/suggestions',
      title: 'customers.suggestions.title',
      needs: 'customers:merge',
      load: () => import('./suggestions-page.tsx'),
    },
    { path: '/customers/:id', title: 'customers.page.title', needs: 'customers:read', load: () => import('./customer-page.tsx') },
  ],
  fills: fillWeb(customersPages, {
    to: '/customers/suggestions',
    title: 'customers.suggestions.nav',
    order: 10,
    needs: 'customers:merge',
    Badge: SuggestionsCount,
  }),
  actions: [
    { key: 'customers.new', title: 'customers.new.title', icon: IconUserPlus, needs: 'customers:write', to: '/customers?new=1' },
  ],
  searches: [
    {
      key: 'customers',
      title: 'customers.list.title',
      needs: 'customers:read',
      find: async (query, signal) => {
        const { data } = await api('GET /api/customers', { query: { query, limit: 6 } }, { signal });
        return data.map(row => ({
          key: row.id,
          title: titleOf(row),
          detail: row.matched ?? row.email ?? undefined,
          to: `/customers/${row.id}`,
          icon: IconUser,
        }));
      },
    },
  ],
});
