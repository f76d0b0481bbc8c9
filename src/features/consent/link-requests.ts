/** "Send me the link": what was typed is kept for a moment and looked up afterwards; only somebody we know leaves a trace. */
import type { Context } from '../../platform/context.ts';
import type { Reaction } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { normaliseEmail } from '../customers/index.ts';

export const isMailAddress = (text: string): boolean =>
  text.length <= 254 && normaliseEmail(text) !== null && /^[^\s@\0]+@[^\s@\0]+$/.test(text);

export const askForLink = (context: Context, input: { email: string; brandId: string; language: string }): Promise<void> =>
  inTransaction(context, async inside => {
    const [row] = await inside.postgres`
      insert into consent.link_request (brand_id, email, language, at)
      values (${input.brandId}, ${normaliseEmail(input.email)}, ${input.language}, ${inside.clock.now()}) returning id`;
    await inside.announce('consent.link_requested', { id: row.id });
  });

/**
 * Finds whose address it is and tells whoever sends the link ("consent.link_wanted"); an address nobody has is forgotten. Somebody who asked
 * within the last day is not announced again.
 */
export const findWhoAsked: Reaction = {
  on: 'consent.link_requested',
  run: async (context, payload) => {
    const [asked] =
      await context.postgres`select id, email, brand_id, at from consent.link_request where id = ${String(payload.id)} and email is not null`;
    if (!asked) return;
    const [person] = await context.postgres`
      select c.id from customers.identifier i join customers.customer c on c.id = i.customer_id and c.erased_at is null
      where i.kind = 'email' and i.source = '' and i.value = ${asked.email as string} and not i.shared`;
    if (!person) {
      await context.postgres`delete from consent.link_request where id = ${asked.id as string}`;
      return;
    }
    const [before] = await context.postgres`
      select id from consent.link_request where customer_id = ${person.id as number} and at > ${asked.at as Date}::timestamptz - interval '1 day' and id <> ${asked.id as string} limit 1`;
    await context.postgres`
      update consent.link_request set email = null, origin_id = ${person.id as number}, customer_id = ${person.id as number} where id = ${asked.id as string}`;
    if (!before)
      await context.announce('consent.link_wanted', { customer_id: String(person.id), brand_id: asked.brand_id as string });
  },
};

/** Requests are of no use after a month. */
export const forgetLinkRequests = async (context: Context): Promise<void> => {
  await context.postgres`delete from consent.link_request where at < ${context.clock.now()}::timestamptz - interval '30 days'`;
};
