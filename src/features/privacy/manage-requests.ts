/** The requests desk: look, check who it is, do what was asked, close with a receipt. Verbs come in pairs: close / reopen. */
import { audit } from '../../platform/audit.ts';
import { type Context, maySee } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { dayIn } from '../../platform/time.ts';
import { objectToEverything } from '../consent/index.ts';
import { type ErasureReceipt, eraseCustomer, exportCustomer, namesOf, readablePage } from '../customers/index.ts';
import { zoneOf } from '../shops/index.ts';
import { holdReason } from './holds.ts';
import {
  addStep,
  listRequestRows,
  lockRequest,
  type RequestFilter,
  requestCounts,
  type StoredRequest,
  stepsOf,
} from './postgres.ts';
import { deeds, extendedDay, type IdentityWay } from './request.ts';

const todayOf = async (context: Context): Promise<string> => dayIn(await zoneOf(context), context.clock.now());

const present = async (context: Context, rows: readonly StoredRequest[]) => {
  const today = await todayOf(context);
  const names = await namesOf(
    context,
    rows.flatMap(row => row.customer_id ?? []),
  );
  const sees = maySee(context.actor, 'contact');
  return rows.map(row => ({
    ...row,
    customer:
      row.customer_id === null ? null : { id: String(row.customer_id), name: sees ? (names.get(row.customer_id) ?? null) : null },
    subject: sees ? row.subject : null,
    note: sees ? row.note : null,
    identity_note: sees ? row.identity_note : null,
    outcome: sees ? row.outcome : null,
    overdue: row.state === 'open' && row.due_on < today,
    deeds: row.state === 'open' ? deeds[row.kind].filter(deed => row.customer_id !== null || deed === 'done') : [],
  }));
};

export const listRequests = async (context: Context, filter: RequestFilter) => {
  const { rows, next } = await listRequestRows(context, filter);
  return { data: await present(context, rows), next_cursor: next, ...(await requestCounts(context, await todayOf(context))) };
};

export const showRequest = async (context: Context, id: string) => {
  const [row] = (await context.postgres`select * from privacy.request where id = ${id}`) as unknown as StoredRequest[];
  if (!row) throw notFound('privacy_request');
  const [request] = await present(context, [row]);
  const held = row.customer_id === null ? null : await holdReason(context, [row.customer_id]);
  const steps = await stepsOf(context, id);
  const sees = maySee(context.actor, 'contact');
  return { ...request, held, steps: steps.map(step => ({ ...step, note: sees ? step.note : null })) };
};

/** Runs `work` on the locked, open request; a stale version or a closed request is refused. */
const change = (
  context: Context,
  id: string,
  version: number | null,
  work: (inside: Context, request: StoredRequest) => Promise<void>,
) =>
  inTransaction(context, async inside => {
    const request = await lockRequest(inside, id);
    if (!request) throw notFound('privacy_request');
    if (version !== null && request.version !== version) throw stale('privacy_request');
    if (request.state !== 'open')
      throw new Refusal('refused', 'privacy.request_closed', 'This request is closed. Reopen it first if something is missing.');
    await work(inside, request);
    await inside.postgres`update privacy.request set version = version + 1 where id = ${id}`;
    await inside.live.publish('privacy-request', { id });
    return showRequest(inside, id);
  });

export const confirmIdentity = (context: Context, id: string, input: { version: number; how: IdentityWay; note: string }) =>
  change(context, id, input.version, async inside => {
    await inside.postgres`update privacy.request set identity = ${input.how}, identity_note = ${input.note} where id = ${id}`;
    await addStep(inside, id, 'identity', input.note);
  });

export const noteOn = (context: Context, id: string, input: { version: number; note: string }) =>
  change(context, id, input.version, inside => addStep(inside, id, 'note', input.note));

/** Two more months, once, when the person was told why (GDPR art. 12 (3)). */
export const extendRequest = (context: Context, id: string, input: { version: number; reason: string }) =>
  change(context, id, input.version, async (inside, request) => {
    if (request.extended_at)
      throw new Refusal('refused', 'privacy.extended', 'This request was extended before; the law allows it once.');
    const due = extendedDay(dayIn(await zoneOf(inside), request.received_at));
    await inside.postgres`update privacy.request set due_on = ${due}, extended_at = ${inside.clock.now()} where id = ${id}`;
    await addStep(inside, id, 'extended', input.reason);
  });

export const refuseRequest = (context: Context, id: string, input: { version: number; reason: string }) =>
  change(context, id, input.version, inside => close(inside, id, 'refused', 'refused', input.reason));

export const finishRequest = (context: Context, id: string, input: { version: number; outcome: string }) =>
  change(context, id, input.version, async (inside, request) => {
    refuseUnchecked(request);
    await close(inside, id, 'done', 'done', input.outcome);
  });

/** Unsubscribes from everything that needs no contract and closes the request. */
export const carryOutObjection = (context: Context, id: string, input: { version: number }) =>
  change(context, id, input.version, async (inside, request) => {
    const customerId = personOf(request, 'object');
    await objectToEverything(inside, customerId, `privacy request ${id}`);
    await close(inside, id, 'done', 'objected', null);
  });

/** Erases the person with a receipt; the request keeps what was done and when, and nothing about whom. */
export const carryOutErasure = (context: Context, id: string, input: { version: number; confirm: string; block: boolean }) =>
  change(context, id, input.version, async (inside, request) => {
    const customerId = personOf(request, 'erase');
    if (input.confirm.trim().replace(/^#/, '') !== String(customerId)) {
      const reason = `Type ${customerId} to confirm.`;
      throw new Refusal(
        'refused',
        'privacy.confirm',
        `Type the customer's number, ${customerId}, to confirm. An erasure cannot be undone.`,
        {
          values: { id: String(customerId) },
          faults: [{ path: 'confirm', reason }],
        },
      );
    }
    await close(inside, id, 'done', 'erased', null);
    const receipt: ErasureReceipt = await eraseCustomer(inside, {
      customerId,
      reason: `privacy request ${id}`,
      block: input.block,
    });
    await inside.postgres`update privacy.request set erasure_id = ${receipt.id} where id = ${id}`;
  });

/** Everything kept about the person, to hand over. Does not close the request: staff say when it was sent. */
export const downloadFor = (context: Context, id: string, form: 'json' | 'readable'): Promise<string> =>
  inTransaction(context, async inside => {
    const request = await lockRequest(inside, id);
    if (!request) throw notFound('privacy_request');
    if (request.state === 'refused')
      throw new Refusal('refused', 'privacy.request_closed', 'This request was refused. Reopen it first.');
    const customerId = personOf(request, 'download');
    const person = await exportCustomer(inside, customerId);
    await addStep(inside, id, 'downloaded', form);
    return form === 'json' ? JSON.stringify(person, null, 2) : readablePage(person);
  });

export const reopenRequest = (context: Context, id: string, input: { version: number; reason: string }) =>
  inTransaction(context, async inside => {
    const request = await lockRequest(inside, id);
    if (!request) throw notFound('privacy_request');
    if (request.version !== input.version) throw stale('privacy_request');
    if (request.state === 'open')
      throw new Refusal('refused', 'privacy.request_open', 'This request is open. Load the page again.');
    if (request.blanked_at)
      throw new Refusal('refused', 'privacy.blanked', 'Nobody can be told from this request any more. Open a new one.');
    await inside.postgres`
      update privacy.request set state = 'open', closed_at = null, closed_by = null, outcome = null, version = version + 1 where id = ${id}`;
    await addStep(inside, id, 'reopened', input.reason);
    return showRequest(inside, id);
  });

/** What was asked, when, by when, how the person was known, and each step with its time: to show or to print; no personal words. */
export const receiptOf = async (context: Context, id: string) => {
  const request = await showRequest(context, id);
  const [erasure] = request.erasure_id
    ? await context.postgres`select id, at, blocked, backups_until, counts from customers.erasure where id = ${request.erasure_id}`
    : [];
  return {
    id,
    kind: request.kind,
    received_at: request.received_at,
    due_on: request.due_on,
    identity: request.identity,
    state: request.state,
    closed_at: request.closed_at,
    in_time: request.closed_at === null ? null : dayIn(await zoneOf(context), request.closed_at) <= request.due_on,
    steps: request.steps.map(({ code, at, by_whom }) => ({ code, at, by_whom })),
    erasure: erasure ?? null,
  };
};

const close = async (
  context: Context,
  id: string,
  state: 'done' | 'refused',
  code: 'done' | 'refused' | 'erased' | 'objected',
  outcome: string | null,
): Promise<void> => {
  await context.postgres`
    update privacy.request set state = ${state}, closed_at = ${context.clock.now()}, closed_by = ${context.actor.name}, outcome = ${outcome} where id = ${id}`;
  await addStep(context, id, code, outcome);
  await audit(context, 'privacy.request_closed', { subject: { kind: 'privacy_request', id }, state, how: code });
};

const refuseUnchecked = (request: StoredRequest): void => {
  if (request.identity === null)
    throw new Refusal(
      'refused',
      'privacy.identity_unchecked',
      'Nobody has checked yet that it is really them. Note down how you made sure, then go on.',
    );
};

const personOf = (request: StoredRequest, deed: 'download' | 'erase' | 'object'): number => {
  refuseUnchecked(request);
  if (request.customer_id === null)
    throw new Refusal(
      'refused',
      'privacy.nobody',
      'No customer belongs to this request, so there is nothing to do but to answer it.',
    );
  if (!deeds[request.kind].includes(deed))
    throw new Refusal(
      'refused',
      'privacy.not_asked',
      'This request did not ask for that. Open another request of the right kind.',
    );
  return request.customer_id;
};
