/** What the snippet of one browser key asks for before it stores or sends, and what has been seen of the site it stands on. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { maySeeShop } from '../../platform/shop-limit.ts';

export type SnippetSettings = {
  consent: 'ask' | 'allow';
  before_answer: 'drop' | 'hold';
  spa: boolean;
  time_on_page: boolean;
};

/** Careful from the start: nothing before a yes. */
export const usualSettings: SnippetSettings = { consent: 'ask', before_answer: 'hold', spa: true, time_on_page: true };

export const settingsOf = async (context: Context, keyId: string): Promise<SnippetSettings & { version: number }> => {
  const [row] = await context.postgres`
    select consent, before_answer, spa, time_on_page, version from tracking.snippet_setting where write_key_id = ${keyId}`;
  return (row as (SnippetSettings & { version: number }) | undefined) ?? { ...usualSettings, version: 0 };
};

const browserKey = async (context: Context, keyId: string): Promise<{ shopId: string }> => {
  const [row] = await context.postgres`select shop_id from tracking.write_key where id = ${keyId} and kind = 'browser'`;
  if (!row || !maySeeShop(context.actor, row.shop_id as string)) throw notFound('write key');
  return { shopId: row.shop_id as string };
};

export const changeSnippet = (
  context: Context,
  input: { keyId: string; version: number } & Partial<SnippetSettings>,
): Promise<void> =>
  inTransaction(context, async inside => {
    await browserKey(inside, input.keyId);
    await inside.postgres`select from tracking.write_key where id = ${input.keyId} for update`;
    const { version, ...before } = await settingsOf(inside, input.keyId);
    if (version !== input.version) throw stale('snippet');
    const { keyId, version: _version, ...given } = input;
    const next: SnippetSettings = { ...before, ...given };
    await inside.postgres`
      insert into tracking.snippet_setting (write_key_id, consent, before_answer, spa, time_on_page, version, changed_at, changed_by)
      values (${keyId}, ${next.consent}, ${next.before_answer}, ${next.spa}, ${next.time_on_page}, 1, ${inside.clock.now()}, ${inside.actor.name})
      on conflict (write_key_id) do update set consent = excluded.consent, before_answer = excluded.before_answer, spa = excluded.spa,
        time_on_page = excluded.time_on_page, version = snippet_setting.version + 1, changed_at = excluded.changed_at, changed_by = excluded.changed_by`;
    await audit(inside, 'tracking.snippet_changed', {
      subject: { kind: 'write-key', id: keyId },
      consent: next.consent,
      before_answer: next.before_answer,
    });
  });

/** Settings and what has been seen, for the page that helps to install. */
export const showSnippet = async (context: Context, keyId: string) => {
  const { shopId } = await browserKey(context, keyId);
  const [sight] = await context.postgres`
    select first_at, last_at, origin from tracking.snippet_sight where write_key_id = ${keyId}`;
  const senders = await context.postgres`
    select library, version, site, first_at, last_at, events, gpc_events, gpc_last_at, lost from tracking.sender
    where write_key_id = ${keyId} order by last_at desc, library, version, site limit 20`;
  const [sum] = await context.postgres`
    select min(first_at) as first_event_at, max(last_at) as last_event_at, coalesce(sum(events), 0)::bigint as events,
      coalesce(sum(gpc_events), 0)::bigint as gpc_events, max(gpc_last_at) as gpc_last_at, coalesce(sum(lost), 0)::bigint as lost
    from tracking.sender where write_key_id = ${keyId}`;
  return { shop_id: shopId, ...(await settingsOf(context, keyId)), sight: sight ?? null, senders, ...sum };
};

/** A page with this key asked for its settings. Told at most once a minute by the door. */
export const noteSight = async (context: Context, keyId: string, origin: string | null): Promise<void> => {
  const now = context.clock.now();
  await context.postgres`
    insert into tracking.snippet_sight (write_key_id, first_at, last_at, origin) values (${keyId}, ${now}, ${now}, ${origin})
    on conflict (write_key_id) do update set last_at = excluded.last_at, origin = coalesce(excluded.origin, snippet_sight.origin)`;
};
