/** What the merchant decides about customers as a whole: which domains are their own, and how long visitors without a name are kept. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { readSetting, writeSetting } from '../../platform/settings.ts';
import { normaliseEmail } from './identifier.ts';

export const usualVisitorDays = 90;
export type CustomerSettings = { own_domains: string[]; visitor_days: number };

export const customerSettings = async (context: Context): Promise<CustomerSettings> => ({
  own_domains: (await readSetting<string[]>(context, 'customers.own_domains')) ?? [],
  visitor_days: (await readSetting<number>(context, 'customers.visitor_days')) ?? usualVisitorDays,
});

/** Holds from now on: identifiers that are kept already stay as they are. */
export const changeCustomerSettings = (context: Context, change: Partial<CustomerSettings>): Promise<CustomerSettings> =>
  inTransaction(context, async inside => {
    if (change.own_domains) await writeSetting(inside, 'customers.own_domains', readDomains(change.own_domains));
    if (change.visitor_days !== undefined) await writeSetting(inside, 'customers.visitor_days', change.visitor_days);
    await audit(inside, 'customers.settings_changed', { fields: Object.keys(change) });
    return customerSettings(inside);
  });

const readDomains = (typed: readonly string[]): string[] => {
  const domains = typed.map(text => {
    const domain = normaliseEmail(`x@${text.trim().replace(/^@/, '')}`)?.slice(2);
    if (domain) return domain;
    throw new Refusal(
      'refused',
      'customers.bad_domain',
      `“${text.slice(0, 100)}” is not a domain. Write it like your-shop.com.`,
      {
        faults: [{ path: 'own_domains', reason: 'Write a domain like your-shop.com.' }],
      },
    );
  });
  return [...new Set(domains)].sort();
};
