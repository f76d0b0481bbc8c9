/** Views: lists as somebody likes to see them, under a name. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { contract } from './contract.ts';
import { shareVerb } from './manage-views.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export const feature = defineFeature({
  name: 'views',
  contract,
  routes,
  permissions: [{ verb: shareVerb, label: 'views.permission.share', roles: ['marketer', 'support', 'analyst'] }],
  migrations: new URL('./migrations/', import.meta.url),
  texts: en,
});
