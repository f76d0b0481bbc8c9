/** Which library sends with a key, from which site, and whether its visitors ask not to be sold. Counted once per portion. */
import type { Context } from '../../platform/context.ts';
import type { Call } from './segment-call.ts';

/** Anybody can send with a public key: what is not one of these first rows is counted under "other". */
const mostRows = 40;

type Sender = { keyId: string; library: string; version: string; site: string; events: number; gpc: number; lost: number };

export const noteSenders = async (context: Context, calls: readonly Call[]): Promise<void> => {
  const senders = new Map<string, Sender>();
  for (const call of calls) {
    const one = senderOf(call);
    const key = [one.keyId, one.library, one.version, one.site].join('\u0001');
    const sum = senders.get(key);
    if (!sum) senders.set(key, one);
    else senders.set(key, { ...sum, events: sum.events + 1, gpc: sum.gpc + one.gpc, lost: sum.lost + one.lost });
  }
  if (senders.size === 0) return;
  const rows = await withinLimit(context, [...senders.values()]);
  const now = context.clock.now();
  await context.postgres`
    insert into tracking.sender (write_key_id, library, version, site, first_at, last_at, events, gpc_events, gpc_last_at, lost)
    select key_id, library, version, site, ${now}, ${now}, sum(events), sum(gpc), case when sum(gpc) > 0 then ${now}::timestamptz end, sum(lost)
    from unnest(${rows.map(row => row.keyId)}::uuid[], ${rows.map(row => row.library)}::text[], ${rows.map(row => row.version)}::text[], ${rows.map(row => row.site)}::text[],
      ${rows.map(row => row.events)}::bigint[], ${rows.map(row => row.gpc)}::bigint[], ${rows.map(row => row.lost)}::bigint[])
      as one (key_id, library, version, site, events, gpc, lost)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (write_key_id, library, version, site) do update set last_at = excluded.last_at, events = sender.events + excluded.events,
      gpc_events = sender.gpc_events + excluded.gpc_events, gpc_last_at = coalesce(excluded.gpc_last_at, sender.gpc_last_at), lost = sender.lost + excluded.lost`;
};

const word = (value: unknown, most: number): string => (typeof value === 'string' ? value.slice(0, most) : '');
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const senderOf = (call: Call): Sender => {
  const library = record(call.context.library);
  return {
    keyId: call.keyId,
    library: word(library.name, 60),
    version: word(library.version, 30),
    site: hostOf(word(record(call.context.page).url, 2000)),
    events: 1,
    gpc: call.gpc ? 1 : 0,
    lost: call.lost,
  };
};

/** A pattern, because a URL object for each of 100,000 events a second would be felt. */
const hostOf = (url: string): string => /^https?:\/\/([\w.:[\]-]{1,100})(?=[/?#]|$)/i.exec(url)?.[1].toLowerCase() ?? '';

const withinLimit = async (context: Context, rows: readonly Sender[]): Promise<Sender[]> => {
  const keyIds = [...new Set(rows.map(row => row.keyId))];
  const known = await context.postgres`
    select write_key_id, library, version, site from tracking.sender where write_key_id = any(${keyIds}::uuid[])`;
  const held = new Map(keyIds.map(id => [id, new Set<string>()]));
  for (const row of known) held.get(row.write_key_id as string)?.add([row.library, row.version, row.site].join('\u0001'));
  return rows.map(row => {
    const mine = held.get(row.keyId)!;
    const key = [row.library, row.version, row.site].join('\u0001');
    if (!mine.has(key) && mine.size >= mostRows) return { ...row, library: 'other', version: '', site: '' };
    mine.add(key);
    return row;
  });
};
