/** Imports: files that bring history in. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { collectDue } from './collect-source.ts';
import { contract } from './contract.ts';
import { jobs } from './jobs.ts';
import { importKinds } from './kind.ts';
import { brevoContacts } from './kinds/brevo.ts';
import { consentList, suppressionList } from './kinds/consents.ts';
import { plainCustomers, shopifyCustomers } from './kinds/customers.ts';
import { brevoEvents, klaviyoEvents, mailchimpActivity, plainEvents } from './kinds/events.ts';
import { klaviyoProfiles } from './kinds/klaviyo.ts';
import { mailchimpAudience } from './kinds/mailchimp.ts';
import { wooCustomers } from './kinds/woocommerce.ts';
import { importsRetention } from './retention.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { customerTables } from './tidy-imports.ts';

export { type Brought, bringCustomers, type Person, takeBackCustomers } from './bring-customers.ts';
export { type CellReader, cellReader } from './cells.ts';
export { countryOf } from './country.ts';
export { clockIn, type DateOrder, dayOf, readTime, type WrittenTime } from './dates.ts';
export { journalBefore, journalOf } from './journal.ts';
export {
  defineImportKind,
  type ImportField,
  type ImportKind,
  type ImportOption,
  importKinds,
  type Numbered,
  type Preview,
  type PreviewEnd,
  type Previewer,
  type Reason,
  type RowRead,
  type Run,
  type Written,
} from './kind.ts';
export { canonical, isNegative, negate, parseDecimal } from './numbers.ts';
export { addSeen, noteCustomers, readSeen } from './postgres.ts';
export { customerIdOf, fileSource, openCustomerPreview, type Said } from './preview-customers.ts';
export { hashOf, openTally, type Tally } from './tally.ts';

export const feature = defineFeature({
  name: 'imports',
  contract,
  routes,
  jobs,
  stages: [{ name: 'imports.collect', step: collectDue, idleMs: 15_000 }],
  permissions: [
    { verb: 'imports:read', label: 'imports.permission.read', roles: ['marketer', 'analyst'] },
    { verb: 'imports:write', label: 'imports.permission.write', roles: ['marketer'] },
  ],
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  fills: [
    ...importsRetention,
    ...fill(
      importKinds,
      plainCustomers,
      shopifyCustomers,
      wooCustomers,
      mailchimpAudience,
      klaviyoProfiles,
      brevoContacts,
      consentList,
      suppressionList,
      plainEvents,
      mailchimpActivity,
      klaviyoEvents,
      brevoEvents,
    ),
  ],
  texts: en,
});
