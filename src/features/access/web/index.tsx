/** Screens: team, roles, API keys, audit log, one's own account, and the two pages behind one-time links. */
import {
  IconHistory,
  IconKey,
  IconListCheck,
  IconLock,
  IconShieldLock,
  IconUserCircle,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'access',
  texts: { en: () => import('../texts/en.ts') },
  routes: [
    { path: '/settings/account', title: 'access.account.title', load: () => import('./account-page.tsx') },
    { path: '/settings/team', title: 'access.team.title', needs: 'staff:read', load: () => import('./team-page.tsx') },
    { path: '/settings/roles', title: 'access.roles.title', needs: 'staff:read', load: () => import('./roles-page.tsx') },
    { path: '/settings/roles/:id', title: 'access.roles.title', needs: 'staff:write', load: () => import('./role-page.tsx') },
    { path: '/settings/security', title: 'access.security.title', load: () => import('./security-page.tsx') },
    {
      path: '/settings/access-review',
      title: 'access.review.title',
      needs: 'staff:read',
      load: () => import('./review-page.tsx'),
    },
    { path: '/settings/api-keys', title: 'access.keys.title', needs: 'api-keys:read', load: () => import('./keys-page.tsx') },
    { path: '/settings/audit', title: 'access.audit.title', needs: 'audit:read', load: () => import('./audit-page.tsx') },
    { path: '/welcome', title: 'access.welcome.submit', frame: 'bare', load: () => import('./link-page.tsx') },
    { path: '/new-password', title: 'access.new_password.title', frame: 'bare', load: () => import('./link-page.tsx') },
  ],
  settings: [
    {
      to: '/settings/account',
      title: 'access.account.title',
      description: 'access.account.description',
      icon: IconUserCircle,
      group: 'ui.settings.people',
      order: 200,
    },
    {
      to: '/settings/security',
      title: 'access.security.title',
      description: 'access.security.description',
      icon: IconLock,
      group: 'ui.settings.people',
      order: 205,
    },
    {
      to: '/settings/team',
      title: 'access.team.title',
      description: 'access.team.description',
      icon: IconUsersGroup,
      group: 'ui.settings.people',
      order: 210,
      needs: 'staff:read',
    },
    {
      to: '/settings/roles',
      title: 'access.roles.title',
      description: 'access.roles.description',
      icon: IconShieldLock,
      group: 'ui.settings.people',
      order: 220,
      needs: 'staff:read',
    },
    {
      to: '/settings/api-keys',
      title: 'access.keys.title',
      description: 'access.keys.description',
      icon: IconKey,
      group: 'ui.settings.people',
      order: 230,
      needs: 'api-keys:read',
    },
    {
      to: '/settings/access-review',
      title: 'access.review.title',
      description: 'access.review.description',
      icon: IconListCheck,
      group: 'ui.settings.people',
      order: 240,
      needs: 'staff:read',
    },
    {
      to: '/settings/audit',
      title: 'access.audit.title',
      description: 'access.audit.description',
      icon: IconHistory,
      group: 'ui.settings.system',
      order: 800,
      needs: 'audit:read',
    },
  ],
  actions: [
    { key: 'me.security', title: 'access.security.title', icon: IconLock, to: '/settings/security' },
    { key: 'me.account', title: 'access.account.title', icon: IconUserCircle, to: '/settings/account' },
    {
      key: 'access.invite',
      title: 'access.team.invite',
      icon: IconUsersGroup,
      to: '/settings/team?invite=1',
      needs: 'staff:write',
    },
  ],
});
