/** The shell's own pages: before login, settings overview, status. */
import { IconActivityHeartbeat } from '@tabler/icons-react';
import { defineScreens } from './screens.ts';

export const uiScreens = defineScreens({
  name: 'ui',
  texts: {
    // The frame around the pages opens with them: `virtual:shell-texts`.
    en: async () => ({ en: {} }),
  },
  routes: [
    { path: '/setup', title: 'ui.setup.title', frame: 'bare', load: () => import('./pages/set-up.tsx') },
    { path: '/login', title: 'ui.login.title', frame: 'bare', load: () => import('./pages/login.tsx') },
    { path: '/settings', title: 'ui.settings.title', load: () => import('./pages/settings.tsx') },
    { path: '/settings/status', title: 'ui.status.title', needs: 'system:read', load: () => import('./pages/status.tsx') },
  ],
  settings: [
    {
      to: '/settings/status',
      title: 'ui.status.title',
      description: 'ui.status.description',
      icon: IconActivityHeartbeat,
      group: 'ui.settings.system',
      order: 900,
      needs: 'system:read',
    },
  ],
});
