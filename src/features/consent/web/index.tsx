/** Consent on the customer page. */
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'consent',
  texts: { en: () => import('../texts/en.ts') },
  fills: fillWeb(customerPanels, {
    key: 'consent',
    title: 'consent.panel.title',
    order: 70,
    place: 'tab',
    needs: 'customers:read',
    load: () => import('./consent-panel.tsx'),
  }),
});
