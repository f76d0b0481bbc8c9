import type { Context } from '../../platform/context.ts';
import { may, maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { ImportRow, Options } from './import.ts';
import { type ImportKind, importKinds, type Reason, type Run } from './kind.ts';
import { problemsOf } from './mapping.ts';
import { readImport } from './postgres.ts';
import { normalHeader } from './table.ts';

/** What the file's own name and headers say of the options this kind has; null: they do not say. */
export const guessedOptions = (kind: ImportKind, fileName: string, columns: readonly { name: string }[]): Options => {
  const guessed = kind.guessOptions?.({ fileName, headers: columns.map(column => normalHeader(column.name)) }) ?? {};
  return Object.fromEntries(
    kind.options.flatMap(option => (option.code in guessed ? [[option.code, guessed[option.code]]] : [])),
  );
};

export const defaultOptions = (kind: ImportKind): Options =>
  Object.fromEntries(kind.options.map(option => [option.code, option.default]));

/** Kinds this person may bring. */
export const kindsFor = (context: Context): readonly ImportKind[] =>
  context.slots.all(importKinds).filter(kind => may(context.actor, kind.needs));
export const kindOf = (context: Context, code: string): ImportKind => {
  const kind = context.slots.get(importKinds, code);
  if (!kind)
    throw new Refusal(
      'not_found',
      'imports.kind_unknown',
      `There is no kind of import called "${code}". GET /api/imports/kinds lists them.`,
    );
  if (!may(context.actor, kind.needs))
    throw new Refusal(
      'forbidden',
      'imports.kind_forbidden',
      `Your role does not include "${kind.needs}", which this kind of import needs.`,
      { values: { verb: kind.needs } },
    );
  return kind;
};

/** The import, if it belongs to a shop this person may see. Errors: not_found. */
export const importFor = async (context: Context, id: string): Promise<ImportRow> => {
  const row = await readImport(context, id);
  if (!row || (context.actor.shopIds && !context.actor.shopIds.includes(row.shop_id))) throw notFound('import');
  return row;
};

export const runOf = (row: ImportRow): Run => ({
  importId: row.id,
  shopId: row.shop_id,
  settings: row.settings,
  mapping: row.mapping,
  options: row.options,
  columns: row.found.columns.map(column => column.name),
  at: row.created_at,
});

export const problemsFor = (context: Context, row: ImportRow): Reason[] => {
  const kind = context.slots.get(importKinds, row.kind);
  if (!kind) return [{ code: 'kind_gone', values: { kind: row.kind } }];
  return [...problemsOf(kind, row.mapping, row.settings, row.options, row.found.columns), ...(kind.check?.(runOf(row)) ?? [])];
};

/** Rows of the file and samples hold names, addresses and amounts: only for those who may see all of that anyway. */
export const maySeeRows = (context: Context): boolean =>
  (['contact', 'address', 'money'] as const).every(group => maySee(context.actor, group));
