/** Privacy: what people ask about their data, holds, retention rules and processing records. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { retentionKinds } from '../../platform/retention.ts';
import { fill } from '../../platform/slot.ts';
import { personRequests } from '../consent/index.ts';
import { openIssues } from '../customers/index.ts';
import { todayItems } from '../desk/index.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { inactiveKind } from './inactive.ts';
import { pageDesk, reactions } from './reactions.ts';
import { requestKind, retentionJob, runRules } from './retention.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { requestFigures, requestIssues } from './today.ts';

export { holdReason } from './holds.ts';
export { type NewRequest, type OpenedRequest, openRequest } from './open-request.ts';
export { type Recipient, type RecipientSource, recipients } from './recipients.ts';
export type { IdentityWay, RequestKind } from './request.ts';

export const feature = defineFeature({
  name: 'privacy',
  contract,
  routes,
  permissions: [
    { verb: 'privacy:read', label: 'privacy.permission.read', roles: ['support', 'analyst', 'marketer'] },
    { verb: 'privacy:write', label: 'privacy.permission.write', roles: ['support'] },
    { verb: 'privacy:manage', label: 'privacy.permission.manage', roles: [] },
  ],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  jobs: [{ name: retentionJob, schedule: '40 2 * * *', run: runRules }],
  reactions,
  fills: [
    ...fill(personRequests, pageDesk),
    ...fill(retentionKinds, inactiveKind, requestKind),
    ...fill(todayItems, requestFigures),
    ...fill(openIssues, requestIssues),
  ],
  texts: en,
});
