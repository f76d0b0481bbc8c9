import { audit } from '../../platform/audit.ts';
import { maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { refuseShopLimited } from '../../platform/shop-limit.ts';
import { addNote, changeCustomer, changeTags, createCustomer, type ProfileEdit, resolveQualityIssue } from './change-customer.ts';
import { contract } from './contract.ts';
import { changeCustomerSettings, customerSettings } from './customer-settings.ts';
import { customersCsv } from './customers-csv.ts';
import { describeFacts } from './describe-facts.ts';
import { confirmErasure, eraseCustomer, receiptOf } from './erase-customer.ts';
import { releaseBlocked } from './erasure-journal.ts';
import { exportCustomer, readablePage } from './export-customer.ts';
import { normaliseIdentifier } from './identifier.ts';
import { listCustomers } from './list-customers.ts';
import { countSuggestions, listSuggestions, startAccepting, startFinding, startUndoingBatch } from './manage-suggestions.ts';
import { keepApart, mergeCustomers, undoMerge } from './merge-customers.ts';
import { previewMerge } from './preview-merge.ts';
import { refuseSharedWithOthers } from './shop-ties.ts';
import { findOwner, showCustomer, showFacts } from './show-customer.ts';
import { listMerges } from './show-merges.ts';
import { readTimeline } from './timeline.ts';

const profileOf = (body: Record<string, unknown>): ProfileEdit => {
  const { version: _v, attributes: _a, tags: _t, not_shopper: _n, ...profile } = body;
  return profile as ProfileEdit;
};

export const routes = bindRoutes(contract, {
  listCustomers: async (context, { query }) => listCustomers(context, query),
  exportCustomers: async (context, { query }) => {
    await audit(context, 'customers.list_exported', { filters: query.filter.map(one => one.split(':')[0]) });
    return {
      file: await customersCsv(context, query),
      filename: `customers-${context.clock.now().toISOString().slice(0, 10)}.csv`,
    };
  },
  listFacts: async context => describeFacts(context),
  createCustomer: async (context, { body }) => {
    const id = await createCustomer(context, { profile: profileOf(body), tags: body.tags, attributes: body.attributes });
    return showCustomer(context, id);
  },
  showCustomer: async (context, { params }) => showCustomer(context, await findOwner(context, params.id)),
  changeCustomer: async (context, { params, body }) => {
    const id = await findOwner(context, params.id);
    await changeCustomer(context, {
      id,
      version: body.version,
      profile: profileOf(body),
      attributes: body.attributes,
      notShopper: body.not_shopper,
    });
    return showCustomer(context, id);
  },
  showFacts: async (context, { params, query }) => showFacts(context, await findOwner(context, params.id), query.as_of),
  showTimeline: async (context, { params, query }) => {
    const customerId = await findOwner(context, params.id);
    const { entries, next } = await readTimeline(context, {
      customerId,
      kinds: query.kinds,
      before: query.cursor ?? query.before,
      limit: query.limit,
    });
    const money = maySee(context.actor, 'money');
    return {
      data: entries.map(entry => ({
        id: entry.id,
        kind: entry.kind,
        at: entry.at.toISOString(),
        title: entry.title,
        values: entry.values ?? {},
        body: entry.body ?? null,
        details: entry.details ?? [],
        amount_minor: money ? (entry.amountMinor ?? null) : null,
        currency: money ? (entry.currency ?? null) : null,
        link: entry.link ?? null,
        historical: entry.historical ?? false,
      })),
      next_cursor: next,
    };
  },
  changeTags: async (context, { params, body }) => ({
    tags: await changeTags(context, { id: await findOwner(context, params.id), ...body }),
  }),
  addNote: async (context, { params, body }) => ({
    id: await addNote(context, { id: await findOwner(context, params.id), text: body.text }),
  }),
  resolveQualityIssue: async (context, { params }) => resolveQualityIssue(context, params.id),
  listMerges: async (context, { params }) => listMerges(context, await findOwner(context, params.id)),
  previewMerge: async (context, { params, query }) =>
    previewMerge(context, await findOwner(context, params.id), await findOwner(context, query.loser)),
  mergeCustomers: async (context, { body }) => {
    for (const id of [body.winner, body.loser]) await refuseSharedWithOthers(context, Number(id));
    const { mergeId } = await mergeCustomers(context, { winnerId: Number(body.winner), loserId: Number(body.loser) });
    await audit(context, 'customers.merged', {
      subject: { kind: 'customer', id: body.winner },
      loser: body.loser,
      merge: mergeId,
    });
    return { merge_id: mergeId };
  },
  undoMerge: async (context, { params }) => {
    refuseShopLimited(context.actor);
    const { winnerId, loserId } = await undoMerge(context, params.id);
    await audit(context, 'customers.merge_undone', {
      subject: { kind: 'customer', id: String(winnerId) },
      loser: String(loserId),
      merge: params.id,
    });
    return { winner: String(winnerId), loser: String(loserId) };
  },
  listSuggestions: (context, { query }) => listSuggestions(context, query),
  countSuggestions: context => countSuggestions(context),
  findDuplicates: context => startFinding(context),
  acceptCertain: context => startAccepting(context),
  undoBatch: (context, { params }) => startUndoingBatch(context, params.id),
  keepApart: async (context, { params, body }) => {
    const [one, other] = [await findOwner(context, params.id), await findOwner(context, body.other)];
    if (one === other) throw new Refusal('refused', 'customers.same', 'These are already one customer. Undo the merge instead.');
    await keepApart(context, one, other);
  },
  exportCustomer: async (context, { params }) => {
    await refuseSharedWithOthers(context, Number(params.id));
    const person = await exportCustomer(context, await findOwner(context, params.id));
    return { file: JSON.stringify(person, null, 2), filename: `customer-${person.customer_id}.json` };
  },
  exportCustomerReadable: async (context, { params }) => {
    await refuseSharedWithOthers(context, Number(params.id));
    const person = await exportCustomer(context, await findOwner(context, params.id));
    return { file: readablePage(person), filename: `customer-${person.customer_id}.html` };
  },
  eraseCustomer: async (context, { params, body }) => {
    await refuseSharedWithOthers(context, Number(params.id));
    confirmErasure(params.id, body.confirm);
    return eraseCustomer(context, { customerId: Number(params.id), reason: body.reason, block: body.block });
  },
  showReceipt: async (context, { params }) => {
    refuseShopLimited(context.actor);
    const [row] = await context.postgres`select * from customers.erasure where id = ${params.id}`;
    if (!row) throw notFound('receipt');
    return receiptOf(row);
  },
  showSettings: context => customerSettings(context),
  changeSettings: (context, { body }) => changeCustomerSettings(context, body),
  releaseBlocked: async (context, { body }) => {
    refuseShopLimited(context.actor);
    const identifier = normaliseIdentifier(body, new Set());
    if (!identifier)
      throw new Refusal('malformed', 'customers.identifier', 'This is not an identifier of that kind. Correct it and try again.');
    const released = await releaseBlocked(context, identifier);
    if (released === 0) throw notFound('blocked');
    await audit(context, 'customers.block_released', {});
    return { released };
  },
});
