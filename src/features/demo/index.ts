/** The demo shop: brought in and taken away with one click. See README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { contract } from './contract.ts';
import { findDemo } from './find-demo.ts';
import { type LoadInput, loadDemo } from './load-demo.ts';
import { removeDemo } from './remove-demo.ts';
import { routes, startLoading } from './routes.ts';
import { en } from './texts/en.ts';

export const feature = defineFeature({
  name: 'demo',
  contract,
  routes,
  jobs: [
    { name: 'demo.load', run: (context, payload, progress) => loadDemo(context, payload as LoadInput, progress) },
    { name: 'demo.remove', run: (context, _payload, progress) => removeDemo(context, progress) },
  ],
  permissions: [{ verb: 'demo:manage', label: 'demo.permission.manage', roles: [] }],
  texts: en,
  // `npm start -- --demo`
  start: async context => {
    if (context.config.demo && (await findDemo(context)).state === 'none') await startLoading(context);
  },
});
