/** Sealed secrets of a connection, and the open line a connector works with. */
import type { Context } from '../../platform/context.ts';
import type { Connection } from './connection.ts';
import type { Access, Field } from './connector.ts';

/** A replaced secret still proves deliveries for this long: vendors go on signing with the old one for a while. */
export const oldSecret_hours = 48;

const recordId = (connectionId: string, code: string): string => `connections.secret/${connectionId}/${code}`;

/** Seals what was typed; the one before stays accepted for a while. In the caller's transaction. */
export const keepSecrets = async (
  context: Context,
  connectionId: string,
  fields: readonly Field[],
  typed: Readonly<Record<string, string>>,
): Promise<string[]> => {
  const now = context.clock.now();
  const until = new Date(now.getTime() + oldSecret_hours * 3_600_000);
  const kept: string[] = [];
  for (const field of fields) {
    const plain = typed[field.code];
    if (field.kind !== 'secret' || plain === undefined || plain === '') continue;
    const sealed = context.secrets.seal(plain, recordId(connectionId, field.code));
    await context.postgres`
      insert into connections.secret as s (connection_id, code, sealed, last4, set_at)
      values (${connectionId}, ${field.code}, ${sealed}, ${plain.slice(-4)}, ${now})
      on conflict (connection_id, code) do update
      set sealed = excluded.sealed, last4 = excluded.last4, set_at = excluded.set_at, previous_sealed = s.sealed, previous_until = ${until}`;
    kept.push(field.code);
  }
  return kept;
};

type SecretRow = { code: string; sealed: string; set_at: Date; previous_sealed: string | null; previous_until: Date | null };
const readSecrets = async (context: Context, connectionId: string): Promise<SecretRow[]> =>
  (await context.postgres`
    select code, sealed, set_at, previous_sealed, previous_until from connections.secret where connection_id = ${connectionId} order by code`) as unknown as SecretRow[];

/** Per field the values that are accepted now, the one in force first. */
export const acceptedSecrets = async (context: Context, connectionId: string): Promise<Record<string, string[]>> => {
  const now = context.clock.now();
  const accepted: Record<string, string[]> = {};
  for (const row of await readSecrets(context, connectionId)) {
    const open = (sealed: string) => context.secrets.open(sealed, recordId(connectionId, row.code));
    accepted[row.code] = [open(row.sealed)];
    if (row.previous_sealed && row.previous_until && row.previous_until > now) accepted[row.code].push(open(row.previous_sealed));
  }
  return accepted;
};

/** The open line to the outside system of this connection. */
export const accessOf = async (context: Context, connection: Connection): Promise<Access> => {
  const rows = await readSecrets(context, connection.id);
  return {
    out: { config: context.config, clock: context.clock, log: context.log },
    connectionId: connection.id,
    settings: connection.settings,
    secrets: Object.fromEntries(rows.map(row => [row.code, context.secrets.open(row.sealed, recordId(connection.id, row.code))])),
    secretsVersion: rows.map(row => `${row.code}@${row.set_at.getTime()}`).join(','),
  };
};

/** For people: last four and date, never more. */
export const secretsShown = async (
  context: Context,
  connectionId: string,
): Promise<{ code: string; last4: string; set_at: Date }[]> =>
  (await context.postgres`select code, last4, set_at from connections.secret where connection_id = ${connectionId} order by code`) as never;
