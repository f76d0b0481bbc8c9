/** Done, skip or snooze somebody on Today's list; each can be taken back. What stands is remembered and learnt from. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { addDays, dayIn } from '../../platform/time.ts';
import { organisationOf } from '../shops/index.ts';
import { ownerFor, skipsInARow, standingChoice } from './postgres.ts';
import { todayItems } from './slots.ts';
import { daysHidden, type TodayVerb } from './today.ts';

type Choice = { customerId: number; verb: TodayVerb; until?: string; note?: string | null };

/** Choosing again replaces the choice that stood. Returns the day from which the list may show them again. */
export const chooseToday = (context: Context, input: Choice): Promise<{ until: string }> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const customerId = await ownerFor(inside, input.customerId);
    if (customerId === null) throw notFound('customer');
    const { zone } = await organisationOf(inside);
    const today = dayIn(zone, inside.clock.now());
    await sql`select pg_advisory_xact_lock(hashtextextended('desk.today', ${customerId}))`;
    const shown = await shownAs(inside, customerId);
    const until =
      input.verb === 'snooze'
        ? laterThan(today, input.until)
        : addDays(
            today,
            daysHidden(input.verb, {
              usualGapDays: shown?.usualGapDays ?? null,
              skipsInARow: await skipsInARow(inside, customerId),
            }),
          );
    await sql`
      update desk.today_choice set undone_at = ${inside.clock.now()}, undone_by = ${inside.actor.name}
      where customer_id = ${customerId} and undone_at is null and until > ${today}::date`;
    await sql`
      insert into desk.today_choice (origin_id, customer_id, verb, until, note, reasons, at_risk_minor, at, by_whom)
      values (${customerId}, ${customerId}, ${input.verb}, ${until}::date, ${input.note ?? null}, ${shown?.reasons ?? []}, ${shown?.atRiskMinor ?? null}, ${inside.clock.now()}, ${inside.actor.name})`;
    await audit(inside, 'desk.today_chosen', { subject: { kind: 'customer', id: String(customerId) }, verb: input.verb, until });
    await inside.live.publish('today', { customer_id: String(customerId) });
    return { until };
  });

/** Takes the standing choice back: the person may be shown again at once. */
export const unchooseToday = (context: Context, asked: number): Promise<void> =>
  inTransaction(context, async inside => {
    const customerId = await ownerFor(inside, asked);
    if (customerId === null) throw notFound('customer');
    const { zone } = await organisationOf(inside);
    const standing = await standingChoice(inside, customerId, dayIn(zone, inside.clock.now()));
    if (!standing)
      throw new Refusal(
        'conflict',
        'desk.today_nothing_to_undo',
        'There is no choice about this customer to take back. Load the list again.',
      );
    await inside.postgres`update desk.today_choice set undone_at = ${inside.clock.now()}, undone_by = ${inside.actor.name} where id = ${standing.id}`;
    await audit(inside, 'desk.today_unchosen', { subject: { kind: 'customer', id: String(customerId) }, verb: standing.verb });
    await inside.live.publish('today', { customer_id: String(customerId) });
  });

const laterThan = (today: string, until: string | undefined): string => {
  if (until && until > today) return until;
  throw new Refusal('refused', 'desk.snooze_past', 'Choose a day after today to be reminded on.', {
    faults: [{ path: 'until', reason: 'Choose a day after today.' }],
  });
};

/** What the list would say about this person now; null when it would not show them. */
const shownAs = async (context: Context, customerId: number) => {
  for (const source of context.slots.all(todayItems)) {
    const person = await source.find(context, customerId);
    if (person)
      return {
        usualGapDays: person.usualGapDays,
        atRiskMinor: person.atRiskMinor,
        reasons: person.reasons.map(reason => reason.code),
      };
  }
  return null;
};
