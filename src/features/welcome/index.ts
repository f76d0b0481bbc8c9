/** Welcome form: what matters most to a customer, asked once. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { knownAttributes } from '../customers/index.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { addDoors } from './doors.ts';
import { makeForm } from './form.ts';
import { forgetAttempts } from './links.ts';
import { channels, concerns, heardFrom } from './questions.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { page } from './texts/page.ts';

export { makeWelcomeLink } from './links.ts';

export const feature = defineFeature({
  name: 'welcome',
  contract,
  routes,
  doors: addDoors,
  permissions: [
    { verb: 'welcome:read', label: 'welcome.permission.read', roles: ['marketer', 'support', 'analyst'] },
    { verb: 'welcome:write', label: 'welcome.permission.write', roles: ['marketer'] },
  ],
  jobs: [{ name: 'welcome.forget-attempts', schedule: '50 4 * * *', run: async context => forgetAttempts(context) }],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  fills: fill(
    knownAttributes,
    { code: 'main_concern', label: 'welcome.attribute.main_concern', choices: concerns, choiceLabels: 'welcome.main_concern.' },
    { code: 'heard_from', label: 'welcome.attribute.heard_from', choices: heardFrom, choiceLabels: 'welcome.heard_from.' },
    {
      code: 'preferred_channel',
      label: 'welcome.attribute.preferred_channel',
      choices: channels,
      choiceLabels: 'welcome.preferred_channel.',
    },
    { code: 'category_interest', label: 'welcome.attribute.category_interest' },
  ),
  texts: { ...en, ...page },
  start: makeForm,
});
