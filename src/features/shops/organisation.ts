/** The merchant this installation belongs to: home currency, zone, and the day everything is read as of. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { dayIn } from '../../platform/time.ts';
import { currencyNamed, zoneNamed } from './place.ts';

export type Organisation = {
  name: string;
  homeCurrency: string;
  /** IANA name. Days, weeks and months are calendar units of it. */
  zone: string;
  /** YYYY-MM-DD; null = today. */
  defaultAsOf: string | null;
  proposedAsOf: string | null;
  version: number;
};

export const organisationOf = async ({ postgres }: Context): Promise<Organisation> => {
  const [row] = await postgres<Organisation[]>`
    select name, home_currency as "homeCurrency", zone, default_as_of as "defaultAsOf", proposed_as_of as "proposedAsOf", version
    from shops.organisation`;
  return row;
};

export const zoneOf = async (context: Context): Promise<string> => (await organisationOf(context)).zone;

/** The day reads are as of when nobody asks for another: YYYY-MM-DD, or null for today. */
export const defaultAsOf = async (context: Context): Promise<string | null> => (await organisationOf(context)).defaultAsOf;

type Change = { version: number; name?: string; homeCurrency?: string; zone?: string; defaultAsOf?: string | null };

export const changeOrganisation = (context: Context, change: Change): Promise<Organisation> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select from shops.organisation for update`;
    const before = await organisationOf(inside);
    if (before.version !== change.version) throw stale('organisation');
    const next = { ...before, ...defined(change) };
    refuseFuture(inside, next);
    const answered = change.defaultAsOf !== undefined;
    await sql`
      update shops.organisation
      set name = ${next.name}, home_currency = ${next.homeCurrency}, zone = ${next.zone}, default_as_of = ${next.defaultAsOf}, version = version + 1,
        declined_as_of = case when ${answered && next.defaultAsOf === null} then coalesce(proposed_as_of, declined_as_of) else declined_as_of end,
        proposed_as_of = case when ${answered} then null else proposed_as_of end`;
    const changed = (['name', 'homeCurrency', 'zone', 'defaultAsOf'] as const).filter(key => before[key] !== next[key]);
    if (changed.length > 0) {
      await audit(
        inside,
        'shops.organisation_changed',
        Object.fromEntries(changed.map(key => [key, { from: before[key], to: next[key] }])),
      );
      await inside.announce('shops.organisation_changed', { changed });
      await inside.live.publish('organisation', { changed });
    }
    return organisationOf(inside);
  });

const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;

const refuseFuture = (context: Context, { defaultAsOf: asOf, zone }: Organisation): void => {
  if (asOf === null || asOf <= dayIn(zone, context.clock.now())) return;
  const reason = 'This day has not come yet. Choose today or an earlier day.';
  throw new Refusal('refused', 'shops.as_of_future', reason, { faults: [{ path: 'default_as_of', reason }] });
};

/** Data that end longer ago than this look dead as of today. */
const oldAfterDays = 30;

/**
 * Told the day of the newest order (YYYY-MM-DD, the organisation's zone) after an import or a burst of orders. When it lies more than 30 days
 * back the product proposes to read as of that day; when the data are fresh again an open proposal goes away. Never sets the default itself.
 */
export const proposeAsOf = async (context: Context, lastDay: string): Promise<void> => {
  const { zone } = await organisationOf(context);
  const edge = dayIn(zone, new Date(context.clock.now().getTime() - oldAfterDays * 86_400_000));
  const proposal = lastDay < edge ? lastDay : null;
  const changed = await context.postgres`
    update shops.organisation
    set proposed_as_of = nullif(nullif(${proposal}::date, declined_as_of), default_as_of)
    where proposed_as_of is distinct from nullif(nullif(${proposal}::date, declined_as_of), default_as_of) returning 1`;
  if (changed.length > 0) await context.live.publish('organisation', { changed: ['proposedAsOf'] });
};

/** Names the business at set-up; unknown currencies and zones leave the default, which settings can change. */
export const nameOrganisation = async (
  context: Context,
  input: { name: string; home_currency?: string; zone?: string },
): Promise<void> => {
  const home_currency = currencyNamed(input.home_currency ?? '');
  const zone = zoneNamed(input.zone ?? '');
  const { postgres: sql } = context;
  await sql`
    update shops.organisation set name = ${input.name}, home_currency = coalesce(${home_currency}, home_currency), zone = coalesce(${zone}, zone)`;
  await sql`update shops.brand set name = ${input.name} where is_default`;
  await sql`
    update shops.shop set name = ${input.name}, currency = coalesce(${home_currency}, currency), zone = coalesce(${zone}, zone) where is_default`;
};
