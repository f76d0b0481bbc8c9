/** Screens: tracking set-up (write keys, snippets, what arrives), event dictionary, rejected events. */
import { IconBook2, IconCode, IconMailX, IconPlugConnected } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

const needs = 'tracking:read';

export const screens = defineScreens({
  name: 'tracking',
  texts: { en: () => import('../texts/en.ts') },
  routes: [
    { path: '/settings/tracking', title: 'tracking.title', needs, load: () => import('./tracking-page.tsx') },
    { path: '/settings/snippet', title: 'tracking.snippet.title', needs, load: () => import('./snippet-page.tsx') },
    { path: '/settings/events', title: 'tracking.dictionary.title', needs, load: () => import('./dictionary-page.tsx') },
    { path: '/settings/event', title: 'tracking.dictionary.title', needs, load: () => import('./event-page.tsx') },
    { path: '/settings/rejected-events', title: 'tracking.rejected.title', needs, load: () => import('./rejected-page.tsx') },
    {
      path: '/settings/rejected-events/mend',
      title: 'tracking.mend.title',
      needs: 'tracking:manage',
      load: () => import('./mend-many-page.tsx'),
    },
    {
      path: '/settings/rejected-events/:id',
      title: 'tracking.rejected.title',
      needs,
      load: () => import('./rejected-event-page.tsx'),
    },
  ],
  settings: [
    {
      to: '/settings/snippet',
      title: 'tracking.snippet.title',
      description: 'tracking.snippet.description',
      icon: IconCode,
      group: 'ui.settings.data',
      order: 205,
      needs,
    },
    {
      to: '/settings/tracking',
      title: 'tracking.title',
      description: 'tracking.description',
      icon: IconPlugConnected,
      group: 'ui.settings.data',
      order: 210,
      needs,
    },
    {
      to: '/settings/events',
      title: 'tracking.dictionary.title',
      description: 'tracking.dictionary.description',
      icon: IconBook2,
      group: 'ui.settings.data',
      order: 220,
      needs,
    },
    {
      to: '/settings/rejected-events',
      title: 'tracking.rejected.title',
      description: 'tracking.rejected.description',
      icon: IconMailX,
      group: 'ui.settings.data',
      order: 230,
      needs,
    },
  ],
});
