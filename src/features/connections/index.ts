/** Connections: shops that live elsewhere. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { type StatusSource, statusSources } from '../../platform/system/index.ts';
import { compare } from './compare-days.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { openWebhookDoor } from './door.ts';
import { healWebhooks } from './heal-webhooks.ts';
import { pollDue } from './poll.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { tidy } from './tidy.ts';
import { walkJobs } from './walk.ts';
import { workDeliveries } from './work-deliveries.ts';
import { onConsentChanged, onTagged, writeBackDue } from './write-back.ts';

const status: StatusSource = {
  code: 'connections',
  read: async ({ postgres }) => {
    const [row] = await postgres`
      select (select count(*)::int from connections.connection where state = 'broken') as broken,
        (select count(*)::int from connections.delivery where state = 'waiting') as waiting,
        (select count(*)::int from connections.delivery where state = 'failed') as failed`;
    const one = (code: 'broken' | 'waiting' | 'failed', worst: 'bad' | 'warning' | 'good') => ({
      code: `connections.${code}`,
      label: `connections.status.${code}`,
      value: row[code] as number,
      unit: null,
      state: row[code] === 0 ? ('good' as const) : worst,
    });
    return [one('broken', 'bad'), one('waiting', 'good'), one('failed', 'warning')];
  },
};

export const feature = defineFeature({
  name: 'connections',
  contract,
  routes,
  doors: openWebhookDoor,
  permissions: [
    { verb: 'connections:read', label: 'connections.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'connections:write', label: 'connections.permission.write', roles: [] },
    { verb: 'connections:raw', label: 'connections.permission.raw', roles: [] },
  ],
  stages: [
    { name: 'connections.deliveries', step: workDeliveries, idleMs: 500 },
    { name: 'connections.poll', step: pollDue, idleMs: 1000 },
    { name: 'connections.write-back', step: writeBackDue, idleMs: 1000 },
  ],
  jobs: [...walkJobs, compare, healWebhooks, tidy],
  reactions: [onConsentChanged, onTagged],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  fills: fill(statusSources, status),
  texts: en,
});
