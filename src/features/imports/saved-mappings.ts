/** Mappings under a name: save, use, rename, delete and bring back. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { importFor } from './manage-imports.ts';
import { type SavedMapping, toSaved } from './saved-mapping.ts';

/** Latest used first. */
export const listMappings = async ({ postgres }: Context): Promise<SavedMapping[]> =>
  (await postgres`
    select id, name, kind, header_key, columns, settings, options, created_by, created_at, used_at, version from imports.saved_mapping
    where deleted_at is null order by coalesce(used_at, created_at) desc, id`) as unknown as SavedMapping[];

/** Errors: not_found. */
export const findMapping = async (context: Context, id: string): Promise<SavedMapping> => {
  const found = (await listMappings(context)).find(one => one.id === id);
  if (!found) throw notFound('mapping');
  return found;
};

/** The one last used for files with these headers. */
export const findMappingFor = async (context: Context, headerKey: string): Promise<SavedMapping | null> =>
  (await listMappings(context)).find(one => one.header_key === headerKey) ?? null;

export const noteUse = async ({ postgres, clock }: Context, id: string): Promise<void> => {
  await postgres`update imports.saved_mapping set used_at = ${clock.now()} where id = ${id}`;
};

/** Keeps the answers of an import under a name; a mapping of that name is replaced. Errors: not_found, refused (nothing mapped). */
export const saveMapping = async (context: Context, input: { importId: string; name: string }): Promise<SavedMapping> => {
  const row = await importFor(context, input.importId);
  if (row.mapping.length === 0)
    throw new Refusal(
      'refused',
      'imports.nothing_mapped',
      'No column has a meaning yet. Say what the columns mean, then save it.',
    );
  const saved = toSaved(row);
  return inTransaction(context, async inside => {
    const { postgres: sql, clock } = inside;
    const values = {
      kind: saved.kind,
      header_key: saved.header_key,
      columns: sql.json(saved.columns as never),
      settings: sql.json(saved.settings as never),
      options: sql.json(saved.options as never),
    };
    await sql`select pg_advisory_xact_lock(hashtextextended('imports.saved_mapping', 0))`;
    const [same] = await sql`
      update imports.saved_mapping set ${sql(values as never)}, used_at = ${clock.now()}, version = version + 1
      where lower(name) = lower(${input.name}) and deleted_at is null returning id`;
    const [{ id }] = same
      ? [same]
      : await sql`
        insert into imports.saved_mapping ${sql({ ...values, name: input.name, created_by: inside.actor.name, created_at: clock.now(), used_at: clock.now() } as never)} returning id`;
    await sql`update imports.import set found = jsonb_set(found, '{mapping_id}', to_jsonb(${id as string}::text)), version = version + 1 where id = ${row.id}`;
    await audit(inside, 'imports.mapping_saved', { subject: { kind: 'mapping', id: id as string } });
    return findMapping(inside, id as string);
  });
};

/** Errors: not_found, conflict (stale, name taken). */
export const renameMapping = (context: Context, input: { id: string; version: number; name: string }): Promise<SavedMapping> =>
  inTransaction(context, async inside => {
    await findMapping(inside, input.id);
    const [taken] =
      await inside.postgres`select 1 from imports.saved_mapping where lower(name) = lower(${input.name}) and id <> ${input.id} and deleted_at is null`;
    if (taken)
      throw new Refusal(
        'conflict',
        'imports.mapping_name',
        `There is another mapping called "${input.name}". Choose another name.`,
      );
    const rows =
      await inside.postgres`update imports.saved_mapping set name = ${input.name}, version = version + 1 where id = ${input.id} and version = ${input.version} returning id`;
    if (rows.length === 0) throw stale('mapping');
    return findMapping(inside, input.id);
  });

/** Sources that use it go by the file's own headers from then on. Errors: not_found. */
export const deleteMapping = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    await findMapping(inside, id);
    await inside.postgres`update imports.saved_mapping set deleted_at = ${inside.clock.now()} where id = ${id}`;
    await audit(inside, 'imports.mapping_deleted', { subject: { kind: 'mapping', id } });
  });

/** The way back from a delete. Errors: not_found, conflict (its name is taken by now). */
export const restoreMapping = (context: Context, id: string): Promise<SavedMapping> =>
  inTransaction(context, async inside => {
    const [row] = await inside.postgres`select name, deleted_at from imports.saved_mapping where id = ${id}`;
    if (!row) throw notFound('mapping');
    const [taken] =
      await inside.postgres`select 1 from imports.saved_mapping where lower(name) = lower(${row.name as string}) and id <> ${id} and deleted_at is null`;
    if (taken)
      throw new Refusal(
        'conflict',
        'imports.mapping_name',
        `Another mapping is called "${row.name}" by now. Rename that one first.`,
      );
    await inside.postgres`update imports.saved_mapping set deleted_at = null where id = ${id}`;
    return findMapping(inside, id);
  });
