/** Open and overdue requests on Today. */
import type { Context } from '../../platform/context.ts';
import { may } from '../../platform/context.ts';
import { dayIn } from '../../platform/time.ts';
import type { OpenIssue, OpenIssueSource } from '../customers/index.ts';
import type { TodaySource } from '../desk/index.ts';
import { zoneOf } from '../shops/index.ts';
import { requestCounts } from './postgres.ts';

export const requestFigures: TodaySource = {
  name: 'privacy',
  read: async context => {
    if (!may(context.actor, 'privacy:read')) return { people: [], figures: [], asOf: null, working: false };
    const { open, overdue } = await requestCounts(context, dayIn(await zoneOf(context), context.clock.now()));
    const figure = (code: 'open' | 'overdue', value: number) => ({
      code: `privacy.${code}`,
      label: `privacy.today.${code}`,
      type: 'number' as const,
      value,
      group: null,
      link: '/settings/privacy-requests',
    });
    const figures = overdue > 0 ? [figure('overdue', overdue)] : open > 0 ? [figure('open', open)] : [];
    return { people: [], figures, asOf: null, working: false };
  },
  find: async () => null,
};

/** What is wrong now with this customer: they wait for an answer. */
export const requestIssues: OpenIssueSource = {
  kind: 'privacy_request',
  group: null,
  read: async (context: Context, customerIds) => {
    const rows = await context.postgres`
      select id, customer_id, kind, received_at, due_on from privacy.request where state = 'open' and customer_id = any(${customerIds as number[]}::bigint[]) order by due_on`;
    const found = new Map<number, OpenIssue[]>();
    for (const row of rows)
      found.set(row.customer_id, [
        ...(found.get(row.customer_id) ?? []),
        {
          kind: 'privacy_request',
          since: row.received_at,
          title: `privacy.issue.${row.kind}`,
          values: { day: row.due_on },
          link: `/settings/privacy-requests/${row.id}`,
        },
      ]);
    return found;
  },
};
