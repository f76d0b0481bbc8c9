/** Screens: the organisation, the day everything is read as of, and the shops. */
import { IconBuildingStore } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

/** Offers to read as of the last day of the data, where the product proposes it; renders nothing otherwise. */
export { AsOfProposal } from './as-of-proposal.tsx';

export const screens = defineScreens({
  name: 'shops',
  texts: { en: () => import('../texts/en.ts') },
  routes: [
    {
      path: '/settings/organisation',
      title: 'shops.page.title',
      needs: 'shops:write',
      load: () => import('./organisation-page.tsx'),
    },
  ],
  settings: [
    {
      to: '/settings/organisation',
      title: 'shops.page.title',
      description: 'shops.page.description',
      icon: IconBuildingStore,
      group: 'ui.settings.business',
      order: 100,
      needs: 'shops:write',
    },
  ],
});
