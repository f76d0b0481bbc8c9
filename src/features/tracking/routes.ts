import { bindRoutes } from '../../platform/http.ts';
import { signatureOutcomes } from './check-signatures.ts';
import { contract } from './contract.ts';
import { describeEvent, listDictionary, showDictionaryEvent } from './dictionary/list-dictionary.ts';
import { readIngestStatus } from './ingest-status.ts';
import { discardRejected, reopenRejected } from './rejected/discard-rejected.ts';
import { groupRejected, listRejected, rejectedCsv, showRejected } from './rejected/list-rejected.ts';
import { previewMend, startMendMany } from './rejected/mend-many.ts';
import { replayRejected } from './rejected/replay-rejected.ts';
import { endSecret, listSigningSecrets, makeSecret } from './signing-secrets.ts';
import { changeSnippet, showSnippet } from './snippet-settings.ts';
import { createWriteKey, listWriteKeys, revokeWriteKey } from './write-keys.ts';

/** The doors of /v1 answer outside the contract's JSON rules: door.ts. */
const atTheDoor = (): never => {
  throw new Error('This route is answered by tracking/door.ts.');
};

export const routes = bindRoutes(contract, {
  identify: atTheDoor,
  track: atTheDoor,
  page: atTheDoor,
  screen: atTheDoor,
  group: atTheDoor,
  alias: atTheDoor,
  batch: atTheDoor,
  import: atTheDoor,
  librarySettings: atTheDoor,
  snippetFile: atTheDoor,
  listWriteKeys: async context => ({ data: (await listWriteKeys(context)) as never }),
  createWriteKey: async (context, { body }) =>
    (await createWriteKey(context, { shopId: body.shop_id, kind: body.kind, name: body.name })) as never,
  revokeWriteKey: (context, { params }) => revokeWriteKey(context, params.id),
  showSnippet: async (context, { params }) => (await showSnippet(context, params.id)) as never,
  changeSnippet: async (context, { params, body }) => {
    await changeSnippet(context, { keyId: params.id, ...body });
    return (await showSnippet(context, params.id)) as never;
  },
  showSigning: async (context, { params }) =>
    ({
      secrets: await listSigningSecrets(context, params.id),
      outcomes: await signatureOutcomes(context, params.id),
    }) as never,
  makeSigningSecret: async (context, { params, body }) =>
    (await makeSecret(context, { shopId: params.id, keepOldDays: body.keep_old_days })) as never,
  endSigningSecret: (context, { params }) => endSecret(context, params.id),
  ingestStatus: context => readIngestStatus(context),
  listRejected: (context, { query }) => listRejected(context, query),
  groupRejected: context => groupRejected(context),
  exportRejected: async (context, { query }) => ({
    file: await rejectedCsv(context, query),
    filename: `rejected-events-${context.clock.now().toISOString().slice(0, 10)}.csv`,
  }),
  previewMend: (context, { body }) => previewMend(context, body),
  mendMany: async (context, { body }) => ({ job_id: await startMendMany(context, body) }),
  showRejected: (context, { params }) => showRejected(context, params.id),
  replayRejected: async (context, { params, body }) => {
    await replayRejected(context, { id: params.id, body: body.body });
    return showRejected(context, params.id);
  },
  discardRejected: async (context, { params, body }) => {
    await discardRejected(context, { id: params.id, reason: body.reason });
    return showRejected(context, params.id);
  },
  reopenRejected: async (context, { params }) => {
    await reopenRejected(context, params.id);
    return showRejected(context, params.id);
  },
  readDictionary: (context, { query }) => listDictionary(context, query),
  showDictionaryEvent: (context, { query }) => showDictionaryEvent(context, query.name),
  describeEvent: async (context, { body }) => {
    await describeEvent(context, body);
    return showDictionaryEvent(context, body.name);
  },
});
