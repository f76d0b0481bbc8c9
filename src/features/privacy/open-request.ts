/** A request arrives: from staff, from the preference page, or from an outside system on the person's behalf. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { addDays, dayIn } from '../../platform/time.ts';
import { ownersOf } from '../customers/index.ts';
import { createTask } from '../desk/index.ts';
import { zoneOf } from '../shops/index.ts';
import { addStep } from './postgres.ts';
import { dueDay, type IdentityWay, type RequestKind, remind_days } from './request.ts';
import { en } from './texts/en.ts';

export type NewRequest = {
  kind: RequestKind;
  /** Origin or owner; null = nobody is known by what was given. */
  customerId: number | null;
  /** "staff", "api", "preference_page", "connection:<id>" */
  source: string;
  /** Id of the request at its source, digit-exact: the same (source, id, kind) again opens nothing new. */
  outsideId?: string | null;
  /** What the person gave to be found by (an address); kept until the request is old. */
  subject?: string | null;
  /** How it is known that it is them; null = staff have still to check. */
  identity: { how: IdentityWay; note?: string | null } | null;
  note?: string | null;
  /** Default: now. */
  receivedAt?: Date;
};

/** `opened` is false when this request was already there; `dueOn` YYYY-MM-DD in the organisation's zone. */
export type OpenedRequest = { id: string; opened: boolean; dueOn: string };

/**
 * Opens a request in the caller's transaction (or one of its own), with a task that comes due a week before it must be answered. The same
 * outside id, or an open request of the same kind for the same person, is not opened twice: a step "asked again" is added instead.
 */
export const openRequest = (context: Context, input: NewRequest): Promise<OpenedRequest> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const customerId = input.customerId === null ? null : (await ownersOf(inside, [input.customerId])).get(input.customerId)!;
    // Two deliveries of one webhook at the same moment take turns.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`privacy.request ${input.source} ${input.outsideId ?? customerId ?? ''} ${input.kind}`}, 0))`;
    const known = await knownRequest(inside, input, customerId);
    if (known) {
      if (known.state === 'open' && !known.same) await addStep(inside, known.id, 'asked_again', input.note ?? null);
      return { id: known.id, opened: false, dueOn: known.due_on };
    }
    const receivedAt = input.receivedAt ?? inside.clock.now();
    const dueOn = dueDay(dayIn(await zoneOf(inside), receivedAt));
    const [row] = await sql`
      insert into privacy.request (kind, origin_id, customer_id, subject, note, source, outside_id, received_at, due_on, identity, identity_note)
      values (${input.kind}, ${customerId}, ${customerId}, ${input.subject ?? null}, ${input.note ?? null}, ${input.source}, ${input.outsideId ?? null}, ${receivedAt}, ${dueOn},
        ${input.identity?.how ?? null}, ${input.identity?.note ?? null})
      returning id`;
    const id = row.id as string;
    await addStep(inside, id, 'received', null);
    if (input.identity) await addStep(inside, id, 'identity', input.identity.note ?? null);
    await remind(inside, id, input.kind, customerId, dueOn);
    await audit(inside, 'privacy.request_opened', {
      subject: { kind: 'privacy_request', id },
      request: input.kind,
      source: input.source,
    });
    await inside.live.publish('privacy-request', { id });
    return { id, opened: true, dueOn };
  });

type Known = { id: string; due_on: string; state: string; same: boolean };

const knownRequest = async (context: Context, input: NewRequest, customerId: number | null): Promise<Known | null> => {
  const [row] = await context.postgres`
    select id, due_on, state, coalesce(source = ${input.source} and outside_id = ${input.outsideId ?? null}, false) as same from privacy.request
    where kind = ${input.kind}
      and ((source = ${input.source} and outside_id = ${input.outsideId ?? null}) or (state = 'open' and customer_id = ${customerId}::bigint))
    order by same desc, received_at limit 1`;
  return (row as unknown as Known) ?? null;
};

/** The title names the kind and the day, not the person: the task's customer does that, and an erasure takes the task along. */
const remind = async (
  context: Context,
  id: string,
  kind: RequestKind,
  customerId: number | null,
  dueOn: string,
): Promise<void> => {
  const title = en[`privacy.task.${kind}`]!.replace('{{day}}', dueOn);
  const task = await createTask(context, {
    title,
    note: en['privacy.task.note']!.replace('{{link}}', `/settings/privacy-requests/${id}`),
    dueOn: addDays(dueOn, -remind_days),
    customerId,
  });
  await context.postgres`update privacy.request set task_id = ${task.id}::uuid where id = ${id}`;
};
