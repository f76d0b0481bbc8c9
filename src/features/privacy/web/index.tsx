/** Screens: privacy requests, retention rules, processing records; holds on the customer page. */
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'privacy',
  texts: { en: () => import('../texts/en.ts') },
});
