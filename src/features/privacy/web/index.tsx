/** Screens: privacy requests, retention rules, processing records; holds on the customer page. */
import { IconFileCertificate, IconHourglassLow, IconShieldLock } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

const needs = 'privacy:read';
const group = 'ui.settings.data';

export const screens = defineScreens({
  name: 'privacy',
  texts: { en: () => import('../texts/en.ts') },
  lateTexts: true,
  routes: [
    { path: '/settings/privacy-requests', title: 'privacy.requests.title', needs, load: () => import('./requests-page.tsx') },
    { path: '/settings/privacy-requests/:id', title: 'privacy.request.title', needs, load: () => import('./request-page.tsx') },
    { path: '/settings/retention', title: 'privacy.retention.title', needs, load: () => import('./retention-page.tsx') },
    { path: '/settings/processing-records', title: 'privacy.records.title', needs, load: () => import('./records-page.tsx') },
  ],
  settings: [
    {
      to: '/settings/privacy-requests',
      title: 'privacy.requests.title',
      description: 'privacy.requests.description',
      icon: IconShieldLock,
      group,
      order: 260,
      needs,
    },
    {
      to: '/settings/retention',
      title: 'privacy.retention.title',
      description: 'privacy.retention.description',
      icon: IconHourglassLow,
      group,
      order: 270,
      needs,
    },
    {
      to: '/settings/processing-records',
      title: 'privacy.records.title',
      description: 'privacy.records.description',
      icon: IconFileCertificate,
      group,
      order: 280,
      needs,
    },
  ],
  fills: fillWeb(customerPanels, {
    key: 'privacy',
    title: 'privacy.panel.title',
    order: 90,
    place: 'tab',
    needs: 'privacy:read',
    load: () => import('./privacy-panel.tsx'),
  }),
});
