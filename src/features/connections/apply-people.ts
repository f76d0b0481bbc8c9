/** Customers of a shop: profile, tags and what they allow. What the shop said before is remembered, so that only changes are written. */
import type { Context } from '../../platform/context.ts';
import { type ConsentInput, recordConsents } from '../consent/index.ts';
import { recordAttributes, tagCustomers, untagCustomers } from '../customers/index.ts';
import { type Connection, fresh_ms, sourceOf } from './connection.ts';
import type { ConsentTold, CustomerTold } from './connector.ts';
import type { RecordRow, RecordWrite } from './postgres.ts';
import type { Taken } from './taken.ts';

/** Writes what is new about these customers; returns what to remember of them. */
export const applyPeople = async (
  context: Context,
  connection: Connection,
  people: readonly Taken<CustomerTold>[],
): Promise<RecordWrite[]> => {
  const known = people.filter((one): one is Taken<CustomerTold> & { origin: number } => one.origin !== null);
  for (const historical of [true, false]) {
    const portion = known.filter(one => one.historical === historical);
    await recordAttributes(
      context,
      portion.map(({ told, origin, said }) => ({ originId: origin, traits: traitsOf(told), trust: 'secret' as const, at: said })),
      { source: sourceOf(connection), importId: null, historical },
    );
    const changes = portion.map(({ told, before, origin }) => ({ origin, ...tagChange(before.tags, told.tags) }));
    await tagCustomers(
      context,
      changes.flatMap(one => one.add.map(tag => ({ originId: one.origin, tag }))),
      { historical },
    );
    await untagCustomers(
      context,
      changes.flatMap(one => one.remove.map(tag => ({ originId: one.origin, tag }))),
      { historical },
    );
  }
  await sayConsents(
    context,
    connection,
    known.flatMap(({ told, before, origin, historical }) =>
      told.consents.filter(one => isNews(before.consents, one)).map(consent => ({ originId: origin, consent, historical })),
    ),
  );
  return people.map(({ told, said, observedAt, hash, origin, before }) => ({
    resource: 'customers',
    id: told.id,
    updatedAt: said,
    observedAt,
    hash,
    originId: origin,
    tags: told.tags,
    consents: remembered(before.consents, told.consents),
  }));
};

const traitsOf = (told: CustomerTold): Record<string, unknown> => ({
  ...told.traits,
  ...(told.email ? { email: told.email } : {}),
  ...(told.phone ? { phone: told.phone } : {}),
});

/** What the shop added and took away since it last said; a record that does not speak of tags changes none. */
export const tagChange = (
  before: readonly string[] | null,
  now: readonly string[] | null,
): { add: string[]; remove: string[] } =>
  now === null
    ? { add: [], remove: [] }
    : {
        add: now.filter(tag => !(before ?? []).includes(tag)),
        remove: (before ?? []).filter(tag => !now.includes(tag)),
      };

/** An older statement than the one we heard last is no news; of equally old ones the stricter is. */
export const isNews = (before: RecordRow['consents'], told: ConsentTold): boolean => {
  const held = before?.[told.channel];
  if (!held) return true;
  const ahead = told.at.getTime() - Date.parse(held.at);
  return ahead > 0 ? true : ahead === 0 && held.state === 'subscribed' && told.state === 'unsubscribed';
};

const remembered = (before: RecordRow['consents'], told: readonly ConsentTold[]): RecordWrite['consents'] => {
  const news = told.filter(one => isNews(before, one));
  if (news.length === 0) return null;
  return { ...before, ...Object.fromEntries(news.map(one => [one.channel, { state: one.state, at: one.at.toISOString() }])) };
};

/** The shop speaks for the person: they said so there. */
export const sayConsents = async (
  context: Context,
  connection: Connection,
  said: readonly { originId: number; consent: ConsentTold; historical: boolean }[],
): Promise<void> => {
  const now = context.clock.now().getTime();
  const isOld = (one: (typeof said)[number]) => one.historical || now - one.consent.at.getTime() > fresh_ms;
  for (const historical of [true, false]) {
    const inputs = said
      .filter(one => isOld(one) === historical)
      .map(
        ({ originId, consent }): ConsentInput => ({ originId, channel: consent.channel, state: consent.state, at: consent.at }),
      );
    await recordConsents(context, inputs, { speaker: 'person', source: sourceOf(connection), historical });
  }
};
