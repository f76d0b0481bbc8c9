import { audit } from '../../platform/audit.ts';
import { type Context, maySee } from '../../platform/context.ts';
import { bindRoutes } from '../../platform/http.ts';
import { findOwner, namesOf } from '../customers/index.ts';
import { contract } from './contract.ts';
import { hold, holdsOf, releaseHold } from './holds.ts';
import { noticedPeople } from './inactive.ts';
import {
  carryOutErasure,
  carryOutObjection,
  confirmIdentity,
  downloadFor,
  extendRequest,
  finishRequest,
  listRequests,
  noteOn,
  receiptOf,
  refuseRequest,
  reopenRequest,
  showRequest,
} from './manage-requests.ts';
import { openRequest } from './open-request.ts';
import { addRecord, changeRecord, recordsCsv, removeRecord, showRecords } from './records.ts';
import { changeRule, listRules, previewRule, ruleExists, runsOf, startRun } from './retention.ts';

const holds = async (context: Context, id: string) => ({ data: (await holdsOf(context, await findOwner(context, id))) as never });

export const routes = bindRoutes(contract, {
  listRequests: (context, { query }) =>
    listRequests(context, {
      ...query,
      kind: query.kind ?? null,
      customerId: query.customer === undefined ? null : Number(query.customer),
    }) as never,
  openRequest: async (context, { body }) => {
    const { id } = await openRequest(context, {
      kind: body.kind,
      customerId: body.customer === null ? null : await findOwner(context, body.customer),
      source: context.actor.kind === 'api-key' ? 'api' : 'staff',
      subject: body.subject,
      note: body.note,
      identity: null,
      receivedAt: body.received_at ? new Date(body.received_at) : undefined,
    });
    return (await showRequest(context, id)) as never;
  },
  showRequest: (context, { params }) => showRequest(context, params.id) as never,
  confirmIdentity: (context, { params, body }) => confirmIdentity(context, params.id, body) as never,
  addNote: (context, { params, body }) => noteOn(context, params.id, body) as never,
  extendRequest: (context, { params, body }) => extendRequest(context, params.id, body) as never,
  refuseRequest: (context, { params, body }) => refuseRequest(context, params.id, body) as never,
  finishRequest: (context, { params, body }) => finishRequest(context, params.id, body) as never,
  reopenRequest: (context, { params, body }) => reopenRequest(context, params.id, body) as never,
  carryOutObjection: (context, { params, body }) => carryOutObjection(context, params.id, body) as never,
  carryOutErasure: (context, { params, body }) => carryOutErasure(context, params.id, body) as never,
  downloadJson: async (context, { params }) => ({
    file: await downloadFor(context, params.id, 'json'),
    filename: `request-${params.id}.json`,
  }),
  downloadReadable: async (context, { params }) => ({
    file: await downloadFor(context, params.id, 'readable'),
    filename: `request-${params.id}.html`,
  }),
  showReceipt: (context, { params }) => receiptOf(context, params.id) as never,
  listHolds: (context, { params }) => holds(context, params.id),
  hold: async (context, { params, body }) => {
    await hold(context, { customerId: params.id, reason: body.reason });
    return holds(context, params.id);
  },
  releaseHold: async (context, { params, body }) => {
    await releaseHold(context, { customerId: params.id, reason: body.reason });
    return holds(context, params.id);
  },
  listRules: context => listRules(context) as never,
  previewRule: (context, { params, body }) => previewRule(context, params.code, body.days) as never,
  changeRule: async (context, { params, body }) => {
    await changeRule(context, params.code, body);
    return (await listRules(context)).rules.find(rule => rule.code === params.code) as never;
  },
  runRule: async (context, { params }) => ({ job_id: await startRun(context, params.code) }),
  listRuns: async (context, { params }) => {
    ruleExists(context, params.code);
    return { data: (await runsOf(context, params.code, 30)) as never };
  },
  listNoticed: async context => {
    const { total, rows } = await noticedPeople(context, 50);
    const names = maySee(context.actor, 'contact')
      ? await namesOf(
          context,
          rows.map(row => row.customer_id),
        )
      : new Map<number, string>();
    return {
      total,
      data: rows.map(row => ({
        customer: { id: String(row.customer_id), name: names.get(row.customer_id) ?? null },
        due_at: row.due_at,
      })) as never,
    };
  },
  showRecords: context => showRecords(context) as never,
  exportRecords: async context => {
    await audit(context, 'privacy.records_exported');
    return { file: await recordsCsv(context), filename: 'processing-records.csv' };
  },
  changeRecord: async (context, { params, body }) => {
    await changeRecord(context, params.code, body);
    return (await showRecords(context)) as never;
  },
  addRecord: async (context, { body }) => {
    await addRecord(context, body.fields);
    return (await showRecords(context)) as never;
  },
  removeRecord: (context, { params }) => removeRecord(context, params.code),
});
