/** Scheduled sources: make, change, pause and resume, delete and bring back. Their secret is sealed and never given back. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { maySeeShop, ofOwnShops } from '../../platform/shop-limit.ts';
import { findShop, zoneOf } from '../shops/index.ts';
import { checkUrl } from './fetch-file.ts';
import { kindOf } from './manage-imports.ts';
import { findMapping } from './saved-mappings.ts';
import { nextDue, ruleOf, type SourceRow } from './source.ts';
import type { SourceInput } from './source-contract.ts';
import { folderOf, inboxOf } from './source-folder.ts';

export const collectJob = 'imports.collect';
/** Topic of live messages: { id }. */
export const sourceTopic = 'import-sources';
/** What the secret is sealed for. */
export const secretOf = (id: string): string => `imports.source/${id}`;

/** The source, if it belongs to a shop this person may see. Errors: not_found. */
export const sourceFor = async (context: Context, id: string): Promise<SourceRow> => {
  const [row] = await context.postgres`select * from imports.source where id = ${id} and deleted_at is null`;
  if (!row || !maySeeShop(context.actor, row.shop_id as string)) throw notFound('source');
  return row as unknown as SourceRow;
};

const select = (context: Context) => context.postgres`
  select s.*, m.name as mapping_name,
    (select jsonb_build_object('started_at', r.started_at, 'outcome', r.outcome, 'detail', r.detail, 'import_id', r.import_id)
      from imports.source_run r where r.source_id = s.id order by r.started_at desc, r.id desc limit 1) as last_run
  from imports.source s left join imports.saved_mapping m on m.id = s.mapping_id and m.deleted_at is null`;

/** Nothing of the secret but what may be shown. */
const present = (row: Record<string, unknown>) => {
  const {
    secret: _,
    etag: __,
    last_modified: ___,
    sha256: ____,
    deleted_at: _____,
    rule: ______,
    created_by_id: _______,
    ...shown
  } = row;
  return shown as never;
};

export const listSources = async (context: Context) => {
  const rows = await context.postgres`
    ${select(context)} where s.deleted_at is null and ${ofOwnShops(context, 's.shop_id')} order by lower(s.name), s.id`;
  return { data: rows.map(present), inbox: inboxOf(context) };
};

export const showSource = async (context: Context, id: string) => {
  await sourceFor(context, id);
  const [row] = await context.postgres`${select(context)} where s.id = ${id}`;
  return present(row);
};

export const showRuns = async (context: Context, id: string) =>
  (await context.postgres`
    select r.id, r.started_at, r.finished_at, r.by_hand, r.outcome, r.detail, r.file_name, r.import_id, i.state as import_state,
      (i.counts->>'read')::int as rows_read, (i.counts->>'kept')::int as rows_kept
    from imports.source_run r left join imports.import i on i.id = r.import_id
    where r.source_id = ${id} order by r.started_at desc, r.id desc limit 50`) as never;

/** Errors: refused (address, folder, secret missing), not_found (shop, mapping, kind). */
export const createSource = async (context: Context, input: SourceInput) => {
  await checkInput(context, input, null);
  const rule = ruleOf(input);
  const due = nextDue(rule, await zoneOf(context), context.clock.now());
  const id = await inTransaction(context, async inside => {
    const { postgres: sql, clock, actor } = inside;
    const [{ id }] = await sql`
      insert into imports.source ${sql({ ...columnsOf(input), rule, next_due_at: due, created_by: actor.name, created_by_id: actor.kind === 'staff' ? actor.id : null, created_at: clock.now() } as never)} returning id`;
    await keepSecret(inside, id as string, input);
    await audit(inside, 'imports.source_made', { subject: { kind: 'import_source', id: id as string }, place: input.place });
    return id as string;
  });
  return showSource(context, id);
};

/** Errors: as createSource, and conflict (stale). */
export const changeSource = async (context: Context, id: string, input: SourceInput & { version: number }) => {
  const before = await sourceFor(context, id);
  await checkInput(context, input, before);
  const rule = ruleOf(input);
  const moved = input.place !== before.place || input.address !== before.address;
  const due = rule === before.rule ? before.next_due_at : nextDue(rule, await zoneOf(context), context.clock.now());
  await inTransaction(context, async inside => {
    const { postgres: sql } = inside;
    // Another place: what was known of the last file there says nothing, and its secret is not for the new one.
    const forgotten = moved ? { etag: null, last_modified: null, sha256: null } : {};
    const rows = await sql`
      update imports.source set ${sql({ ...columnsOf(input), ...forgotten, rule, next_due_at: due, failures: 0 } as never)}, version = version + 1
      where id = ${id} and version = ${input.version} returning id`;
    if (rows.length === 0) throw stale('source');
    await keepSecret(inside, id, input);
    await audit(inside, 'imports.source_changed', { subject: { kind: 'import_source', id } });
  });
  await context.live.publish(sourceTopic, { id });
  return showSource(context, id);
};

const columnsOf = (input: SourceInput) => ({
  name: input.name,
  place: input.place,
  address: input.address,
  pattern: input.pattern,
  auth: input.place === 'url' ? input.auth : 'none',
  user_name: input.place === 'url' && input.auth === 'basic' ? (input.user_name ?? '') : null,
  shop_id: input.shop_id,
  kind: input.kind,
  mapping_id: input.mapping_id,
  every: input.every,
  at_time: input.at_time,
  weekday: input.weekday,
  month_day: input.month_day,
  only_when_changed: input.only_when_changed,
});

const checkInput = async (context: Context, input: SourceInput, before: SourceRow | null): Promise<void> => {
  const shop = await findShop(context, input.shop_id);
  if (!shop || !maySeeShop(context.actor, shop.id)) throw notFound('shop');
  if (input.kind) kindOf(context, input.kind);
  if (input.mapping_id) await findMapping(context, input.mapping_id);
  if (input.place === 'folder') return void (await folderOf(context, input.address));
  checkUrl(context, input.address);
  if (input.auth === 'none' || input.secret) return;
  // A stored secret may be sent to the host it was given for, and to no other.
  const isSameHost = before?.place === 'url' && new URL(before.address).host === new URL(input.address).host;
  if (!before?.secret || !isSameHost)
    throw new Refusal('refused', 'imports.secret_missing', 'Enter the password or token for this address.', {
      faults: [{ path: 'secret', reason: 'Needed for this address.' }],
    });
};

const keepSecret = async (context: Context, id: string, input: SourceInput): Promise<void> => {
  const { postgres: sql, secrets, clock } = context;
  if (input.place === 'folder' || input.auth === 'none')
    await sql`update imports.source set secret = null, secret_last4 = null, secret_set_at = null where id = ${id}`;
  else if (input.secret) {
    const last4 = input.secret.length >= 12 ? input.secret.slice(-4) : '';
    await sql`update imports.source set secret = ${secrets.seal(input.secret, secretOf(id))}, secret_last4 = ${last4}, secret_set_at = ${clock.now()} where id = ${id}`;
    await audit(context, 'imports.source_secret_set', { subject: { kind: 'import_source', id } });
  }
};

/** Errors: not_found. */
export const runSource = async (context: Context, id: string): Promise<string> => {
  await sourceFor(context, id);
  return startJob(context, collectJob, { source_id: id, by_hand: true }, { key: id });
};

export const pauseSource = async (context: Context, id: string) => {
  await sourceFor(context, id);
  await context.postgres`update imports.source set paused_at = coalesce(paused_at, ${context.clock.now()}), version = version + 1 where id = ${id}`;
  await context.live.publish(sourceTopic, { id });
  return showSource(context, id);
};

export const resumeSource = async (context: Context, id: string) => {
  const { rule } = await sourceFor(context, id);
  const due = nextDue(rule, await zoneOf(context), context.clock.now());
  await context.postgres`update imports.source set paused_at = null, failures = 0, next_due_at = ${due}, version = version + 1 where id = ${id}`;
  await context.live.publish(sourceTopic, { id });
  return showSource(context, id);
};

/** What came in stays; the secret goes. */
export const deleteSource = async (context: Context, id: string): Promise<void> => {
  await sourceFor(context, id);
  await inTransaction(context, async inside => {
    await inside.postgres`
      update imports.source set deleted_at = ${inside.clock.now()}, secret = null, secret_last4 = null, secret_set_at = null, version = version + 1 where id = ${id}`;
    await audit(inside, 'imports.source_deleted', { subject: { kind: 'import_source', id } });
  });
};

/** Comes back paused: its secret is gone. Errors: not_found. */
export const restoreSource = async (context: Context, id: string) => {
  const [row] = await context.postgres`select shop_id from imports.source where id = ${id}`;
  if (!row || !maySeeShop(context.actor, row.shop_id as string)) throw notFound('source');
  await context.postgres`
    update imports.source set deleted_at = null, paused_at = coalesce(paused_at, ${context.clock.now()}), version = version + 1 where id = ${id}`;
  return showSource(context, id);
};
