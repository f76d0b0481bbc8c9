/** How many people a file would bring, and how many are known already; asks, writes nothing. */
import type { Context } from '../../platform/context.ts';
import { normaliseEmail, normalisePhone } from '../customers/index.ts';
import { openTally } from './tally.ts';

/** Who a row says somebody is. Empty text: not said. `userId`: as the shop's site calls them in its events. */
export type Said = { shopCustomerId: string; email: string; phone: string; userId?: string };

/** Source of a shop's own customer ids in files: the same ids in a second file are the same people. */
export const fileSource = (shopId: string): string => `shop:${shopId}`;

const words = new Set(['', '0', '-', 'null', 'none', 'nan', 'n/a', 'na', 'nil', 'guest', 'unknown', 'anonymous']);
/** A shop's customer id as written: "0", blanks and words for "nobody" are none; "17850.0" lost its type in a spreadsheet. */
export const customerIdOf = (text: string): string => {
  const id = /^\d+\.0+$/.test(text) ? text.slice(0, text.indexOf('.')) : text;
  return words.has(id.toLowerCase()) || /^0+$/.test(id) ? '' : id;
};

export const openCustomerPreview = (shopId: string) => {
  const seen = openTally();
  let fresh = 0;
  let known = 0;
  return {
    add: async (context: Context, people: readonly Said[]): Promise<void> => {
      const asked: { kind: string; source: string; value: string }[][] = [];
      for (const one of people) {
        const keys = keysOf(one, shopId);
        if (keys.length > 0 && seen.add(`${keys[0].kind} ${keys[0].value}`)) asked.push(keys);
      }
      const flat = asked.flat();
      if (flat.length === 0) return;
      const rows = await context.postgres`
        select i.kind, i.source, i.value from customers.identifier i
        join unnest(${flat.map(key => key.kind)}::text[], ${flat.map(key => key.source)}::text[], ${flat.map(key => key.value)}::text[]) as a (kind, source, value)
          on i.kind = a.kind and i.source = a.source and i.value = a.value
        where not i.shared`;
      const found = new Set(rows.map(row => `${row.kind} ${row.source} ${row.value}`));
      for (const keys of asked) {
        if (keys.some(key => found.has(`${key.kind} ${key.source} ${key.value}`))) known++;
        else fresh++;
      }
    },
    counts: () => ({ customers: fresh, customers_known: known }),
  };
};

const keysOf = (said: Said, shopId: string) => {
  const email = said.email === '' ? null : normaliseEmail(said.email);
  const phone = said.phone === '' ? null : normalisePhone(said.phone);
  return [
    ...(said.shopCustomerId === '' ? [] : [{ kind: 'shop_customer_id', source: fileSource(shopId), value: said.shopCustomerId }]),
    ...(said.userId ? [{ kind: 'user_id', source: shopId, value: said.userId }] : []),
    ...(email ? [{ kind: 'email', source: '', value: email }] : []),
    ...(phone ? [{ kind: 'phone', source: '', value: phone }] : []),
  ];
};
