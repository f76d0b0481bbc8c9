/**
 * Data that leaves as a file. Every export of every feature asks here first, with how many rows it is about to hand out: it is written down
 * (audit log, access review), and what is more than usual needs a fresh proof of who asks.
 */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Limits, readPolicy } from './policy.ts';
import { findStaff } from './postgres.ts';
import { proofNeeded, provedUntil } from './prove.ts';
import { type AlertKind, raiseAlert } from './raise-alert.ts';
import { organisationTeller } from './show-me.ts';

export type Export = {
  /** "<feature>.<what>": customers.list, segments.members, imports.errors. */
  kind: string;
  /** About to leave; the whole file, not a page of it. */
  rows: number;
  /** What was asked for, as codes and counts: never what somebody typed. */
  filter?: Record<string, unknown>;
};

const day_ms = 86_400_000;
/** Below this nothing is unusual. */
const small = 1_000;
const unusualFactor = 3;

/**
 * Call it before the first byte leaves. Throws 403 `access.proof_needed` (the admin asks and repeats by itself) for more rows in a day than the
 * role may take, for three times one's own largest file of the last 90 days, and outside working hours, unless one has proved within ten
 * minutes who one is. API keys have nothing to prove with: theirs are written down and alerted. While somebody views as another: 403.
 */
export const guardExport = (context: Context, what: Export): Promise<void> =>
  inTransaction(context, async inside => {
    const { actor } = inside;
    if (actor.viewedBy)
      throw new Refusal(
        'forbidden',
        'access.viewing',
        'Nothing leaves while you look as somebody else. End the view and export as yourself.',
      );
    if (actor.kind === 'system' || actor.id === null) return;
    const now = inside.clock.now();
    const { limits } = await readPolicy(inside);
    const unusual = await whyUnusual(inside, what, limits);
    const proved = actor.kind === 'staff' ? await provedUntil(inside) : null;
    if (unusual && actor.kind === 'staff' && proved === null) throw proofNeeded(unusual.sentence);
    await inside.postgres`
      insert into access.export (at, actor_kind, actor_id, kind, rows, filter)
      values (${now}, ${actor.kind}, ${actor.id}, ${what.kind}, ${what.rows}, ${inside.postgres.json((what.filter ?? {}) as never)})`;
    await audit(inside, 'access.export', {
      kind: what.kind,
      rows: what.rows,
      filter: what.filter ?? {},
      ...(unusual && { unusual: unusual.alert }),
    });
    if (unusual)
      await raiseAlert(inside, {
        kind: unusual.alert,
        subject: { kind: actor.kind === 'staff' ? 'staff' : 'api-key', id: actor.id, name: actor.name },
        evidence: { what: what.kind, rows: what.rows, rows_today: unusual.today },
      });
  });

type Unusual = { alert: AlertKind; sentence: string; today: number };

const whyUnusual = async (context: Context, { rows }: Export, limits: Limits): Promise<Unusual | null> => {
  const { actor, postgres, clock } = context;
  const now = clock.now().getTime();
  const [before] = await postgres<{ today: number; largest: number | null }[]>`
    select coalesce(sum(rows) filter (where at > ${new Date(now - day_ms)}), 0)::int as today, max(rows) as largest
    from access.export where actor_id = ${actor.id} and at > ${new Date(now - 90 * day_ms)}`;
  const today = before.today + rows;
  const most = (await limitOfRole(context)) ?? limits.export_rows_per_day;
  if (today > most)
    return {
      alert: 'large_export',
      today,
      sentence: `With this, ${today} rows leave within a day; up to ${most} do without asking.`,
    };
  if (rows < small) return null;
  if (before.largest !== null && rows > unusualFactor * before.largest)
    return {
      alert: 'large_export',
      today,
      sentence: `This file has ${rows} rows; your largest one lately had ${before.largest}.`,
    };
  if (await isOddHour(context, limits)) return { alert: 'odd_hour_export', today, sentence: 'This is outside working hours.' };
  return null;
};

const limitOfRole = async (context: Context): Promise<number | null> => {
  if (context.actor.kind !== 'staff') return null;
  const staff = await findStaff(context, context.actor.id!);
  if (!staff) return null;
  const [role] = await context.postgres<{ export_rows_per_day: number | null }[]>`
    select export_rows_per_day from access.role where id = ${staff.role_id}`;
  return role?.export_rows_per_day ?? null;
};

/** By the organisation's clock. */
const isOddHour = async (context: Context, limits: Limits): Promise<boolean> => {
  const teller = context.slots.get(organisationTeller, 'organisation');
  if (!teller) return false;
  const { zone } = await teller.read(context);
  const hour = Number(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hour12: false }).format(context.clock.now()),
  );
  return hour < limits.day_begins_hour || hour >= limits.day_ends_hour;
};
