import { Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { signatureOutcomes } from './check-signatures.ts';
import { contract } from './contract.ts';
import { readIngestStatus } from './ingest-status.ts';
import { listRejected } from './list-rejected.ts';
import { readDictionary } from './read-dictionary.ts';
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
  readDictionary: async (context, { query }) => {
    const entries = await readDictionary(context, {
      query: query.query,
      limit: query.limit + 1,
      after: query.cursor ? readCursor(query.cursor) : null,
    });
    const shown = entries.slice(0, query.limit);
    const last = shown.at(-1);
    return { data: shown as never, next_cursor: entries.length > query.limit && last ? `${last.count}_${last.name}` : null };
  },
});

const readCursor = (cursor: string): { count: number; name: string } => {
  const [, count, name] = /^(\d{1,15})_(.*)$/s.exec(cursor) ?? [];
  if (count === undefined)
    throw new Refusal('malformed', 'tracking.bad_cursor', 'This cursor is not one of ours. Start again without it.');
  return { count: Number(count), name };
};
