/** Consent on the customer page; topics, purposes and the preference page in the settings. */
import { IconChecklist, IconMailCog } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

const needs = 'customers:read';

export const screens = defineScreens({
  name: 'consent',
  texts: { en: () => import('../texts/en.ts') },
  routes: [
    { path: '/settings/topics', title: 'consent.topics.title', needs, load: () => import('./topics-page.tsx') },
    { path: '/settings/preference-page', title: 'consent.editor.title', needs, load: () => import('./page-editor.tsx') },
  ],
  settings: [
    {
      to: '/settings/topics',
      title: 'consent.topics.title',
      description: 'consent.topics.description',
      icon: IconChecklist,
      group: 'ui.settings.business',
      order: 140,
      needs,
    },
    {
      to: '/settings/preference-page',
      title: 'consent.editor.title',
      description: 'consent.editor.description',
      icon: IconMailCog,
      group: 'ui.settings.business',
      order: 150,
      needs,
    },
  ],
  fills: fillWeb(customerPanels, {
    key: 'consent',
    title: 'consent.panel.title',
    order: 70,
    place: 'tab',
    needs,
    load: () => import('./consent-panel.tsx'),
  }),
});
