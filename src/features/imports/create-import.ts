/** A file becomes an import: stored, looked at, its columns understood by a saved mapping, an earlier import or their names. */
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import { defaultShopOf, findShop, type Shop } from '../shops/index.ts';
import type { Settings } from './contract.ts';
import { type ImportRow, noCounts, type Options } from './import.ts';
import type { ColumnMapping, ImportKind } from './kind.ts';
import { type Look, lookAtFile, type OpenFile } from './look-at-file.ts';
import { defaultOptions, guessedOptions, kindOf, kindsFor } from './manage-imports.ts';
import { guessKind, guessMapping, isRecognised, isReportColumn } from './mapping.ts';
import { insertImport, readSiblingOf } from './postgres.ts';
import { mappingFor, type SavedMapping, settingsOf, toColumns } from './saved-mapping.ts';
import { findMapping, findMappingFor, noteUse } from './saved-mappings.ts';
import { type StoredTable, storeTables } from './store-file.ts';
import { normalHeader } from './table.ts';

export type Upload = {
  content: Readable;
  fileName: string;
  kind?: string;
  shopId?: string;
  /** The saved mapping to use, whatever the headers say. */
  mappingId?: string;
  /** The scheduled source it came from. */
  sourceId?: string;
};

/**
 * Stores the file, looks at it and makes an import of it; of a zip archive, one import per table in it. Nothing stays of what is refused.
 * Errors: refused (not a table, empty...), too_large, not_found (shop, kind, mapping).
 */
export const createImports = async (context: Context, upload: Upload): Promise<ImportRow[]> => {
  const shop = upload.shopId ? await findShop(context, upload.shopId) : await defaultShopOf(context);
  if (!shop || (context.actor.shopIds && !context.actor.shopIds.includes(shop.id))) throw notFound('shop');
  if (upload.kind) kindOf(context, upload.kind);
  const chosen = upload.mappingId ? await findMapping(context, upload.mappingId) : null;
  const tables = await storeTables(context, upload.content, upload.fileName);
  const made: ImportRow[] = [];
  try {
    for (const table of tables) made.push(await importOf(context, { ...upload, shop, chosen, table }));
    return made;
  } catch (error) {
    await context.postgres`delete from imports.import where id = any(${made.map(one => one.id)}::uuid[])`;
    await context.files.remove(
      context,
      tables.map(one => one.file.id),
    );
    throw error;
  }
};

type Known = { kind: string; mapping: ColumnMapping[]; settings: Partial<Settings>; options: Options };

const importOf = async (
  context: Context,
  { shop, chosen, table, kind: wanted, sourceId }: Upload & { shop: Shop; chosen: SavedMapping | null; table: StoredTable },
): Promise<ImportRow> => {
  const kinds = kindsFor(context);
  const open: OpenFile = () => context.files.read(context, table.file.id);
  const look = await lookAtFile(open, kinds, { zone: shop.zone }, chosen ? settingsOf(chosen) : {});
  const { columns } = look.found;
  const headerKey = keyOfHeader(columns);
  const saved = chosen ?? (look.settings.header ? await findMappingFor(context, headerKey) : null);
  const earlier = !saved && look.settings.header ? await readSiblingOf(context, headerKey, shop.id) : null;
  const known: Known | null = saved ? savedFor(saved, look) : earlier ? earlierFor(earlier, look) : null;
  const kind = kindToTake(context, kinds, wanted ?? known?.kind, look);
  const taken = known?.kind === kind.code ? known : null;
  const guessed = guessedOptions(kind, table.path, columns);
  const row = await insertImport(
    context,
    {
      shop_id: shop.id,
      file_id: table.file.id,
      file_name: table.file.name,
      bytes: table.file.bytes,
      kind: kind.code,
      settings: { ...look.settings, currency: shop.kind === 'till' ? shop.currency : null, ...taken?.settings },
      mapping: taken?.mapping ?? guessMapping(kind, columns, look.settings.header).mapping,
      // What this very file says of itself stands before what an earlier one was answered.
      options: { ...defaultOptions(kind), ...taken?.options, ...answered(guessed) },
      found: {
        ...look.found,
        same_as: taken && earlier ? earlier.id : null,
        mapping_id: taken && saved ? saved.id : null,
        recognised: isRecognised(kind, columns, look.settings.header),
      },
      header_key: headerKey,
      created_by: context.actor.name,
      counts: noCounts(),
      source_id: sourceId ?? null,
    },
    context.clock.now(),
  );
  if (row.found.mapping_id) await noteUse(context, row.found.mapping_id);
  return row;
};

const kindToTake = (context: Context, kinds: readonly ImportKind[], wanted: string | undefined, look: Look): ImportKind =>
  wanted && (kinds.some(one => one.code === wanted) || kindOf(context, wanted))
    ? kindOf(context, wanted)
    : guessKind(kinds, look.found.columns, look.settings.header);

const savedFor = (saved: SavedMapping, look: Look): Known => ({
  kind: saved.kind,
  mapping: toColumns(saved, look.found.columns),
  settings: mappingFor(saved, look),
  options: saved.options,
});

/** An earlier mapping by column names; our report's columns stand at the end, so the others keep their places. */
const earlierFor = (earlier: ImportRow, look: Look): Known => {
  const places = new Map(look.found.columns.map((column, index) => [column.name, index]));
  return {
    kind: earlier.kind,
    mapping: earlier.mapping.flatMap(one => {
      const place = places.get(earlier.found.columns[one.column]?.name ?? '');
      return place === undefined ? [] : [{ ...one, column: place }];
    }),
    settings: {
      currency: earlier.settings.currency,
      zone: earlier.settings.zone,
      date_order: look.settings.date_order ?? earlier.settings.date_order,
    },
    options: earlier.options,
  };
};

/** The header without our own report's columns: a mended report is the same kind of file as the one it came from. */
export const keyOfHeader = (columns: readonly { name: string }[]): string =>
  columns
    .filter(column => !isReportColumn(column.name))
    .map(column => normalHeader(column.name))
    .join('|');

const answered = (options: Options): Options => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
