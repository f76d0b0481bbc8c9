import type { Context } from '../../platform/context.ts';

/**
 * Remembers rows as they were before an import changes them, so that undo can put them back. The first memory of a row stays;
 * later ones of the same import change nothing. Runs in the caller's transaction.
 */
export const journalBefore = async (
  context: Context,
  importId: string,
  area: string,
  entries: readonly { key: string; before: Record<string, unknown> }[],
): Promise<void> => {
  if (entries.length === 0) return;
  await context.postgres`
    insert into imports.journal (import_id, area, key, before)
    select ${importId}, ${area}, key, before::jsonb
    from unnest(${entries.map(entry => entry.key)}::text[], ${entries.map(entry => JSON.stringify(entry.before))}::text[]) as t (key, before)
    order by key
    on conflict do nothing`;
};

/** What an import remembered of one area, in the order it was changed. */
export const journalOf = async (context: Context, importId: string, area: string): Promise<Record<string, unknown>[]> =>
  (await context.postgres`select before from imports.journal where import_id = ${importId} and area = ${area} order by seq`).map(
    row => row.before as Record<string, unknown>,
  );
