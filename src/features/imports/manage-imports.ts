/** Upload, look, edit: everything before rows are written. */
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { may, maySee } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { isCurrency } from '../../platform/money.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { defaultShopOf, findShop } from '../shops/index.ts';
import type { Settings } from './contract.ts';
import { encodings } from './encoding.ts';
import { allowed, type ImportRow, noCounts, type Options } from './import.ts';
import { type ColumnMapping, type ImportKind, importKinds, type Reason, type Run } from './kind.ts';
import { lookAtFile, type OpenFile } from './look-at-file.ts';
import { guessKind, guessMapping, isReportColumn, problemsOf } from './mapping.ts';
import { insertImport, readImport, readSiblingOf, updateMapping } from './postgres.ts';
import { normalHeader } from './table.ts';

const fileLimit_bytes = 8 * 2 ** 30;
/** How long an uploaded file stays: long enough to resume, mend and compare. */
export const fileKept_days = 30;

export type Upload = { content: Readable; fileName: string; kind?: string; shopId?: string };

/**
 * Stores the file, looks at it and makes an import of it. Nothing stays of a file that is refused.
 * Errors: refused (not a table, empty...), too_large, not_found (shop, kind).
 */
export const createImport = async (context: Context, upload: Upload): Promise<ImportRow> => {
  const shop = upload.shopId ? await findShop(context, upload.shopId) : await defaultShopOf(context);
  if (!shop || (context.actor.shopIds && !context.actor.shopIds.includes(shop.id))) throw notFound('shop');
  const kinds = kindsFor(context);
  if (upload.kind) kindOf(context, upload.kind);
  const now = context.clock.now();
  const file = await context.files
    .keep(context, upload.content, {
      owner: 'imports',
      name: upload.fileName,
      contentType: 'application/octet-stream',
      expiresAt: new Date(now.getTime() + fileKept_days * 86_400_000),
      limitBytes: fileLimit_bytes,
    })
    .catch(asCutOff);
  try {
    const open: OpenFile = () => context.files.read(context, file.id);
    const look = await lookAtFile(open, kinds, { zone: shop.zone });
    const headerKey = keyOfHeader(look.found.columns);
    const earlier = look.settings.header ? await readSiblingOf(context, headerKey, shop.id) : null;
    const kind = upload.kind
      ? kindOf(context, upload.kind)
      : earlier && kinds.some(one => one.code === earlier.kind)
        ? kindOf(context, earlier.kind)
        : guessKind(kinds, look.found.columns, look.settings.header);
    const known = earlier?.kind === kind.code ? earlier : null;
    const mapping = known
      ? reuseMapping(known, look.found.columns)
      : guessMapping(kind, look.found.columns, look.settings.header).mapping;
    const settings: Settings = known
      ? {
          ...look.settings,
          currency: known.settings.currency,
          zone: known.settings.zone,
          date_order: look.settings.date_order ?? known.settings.date_order,
        }
      : look.settings;
    return await insertImport(
      context,
      {
        shop_id: shop.id,
        file_id: file.id,
        file_name: file.name,
        bytes: file.bytes,
        kind: kind.code,
        settings,
        mapping,
        options: known?.options ?? defaultOptions(kind),
        found: { ...look.found, same_as: known?.id ?? null },
        header_key: headerKey,
        created_by: context.actor.name,
        counts: noCounts(),
      },
      now,
    );
  } catch (error) {
    await context.files.remove(context, [file.id]);
    throw error;
  }
};

const asCutOff = (error: unknown): never => {
  const code = (error as { code?: string }).code ?? '';
  if (['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'].includes(code)) {
    throw new Refusal(
      'malformed',
      'imports.upload_cut_off',
      'The upload ended before the file did. Nothing was stored; upload it again.',
    );
  }
  throw error;
};

/** The header without our own report's columns: a mended report is the same kind of file as the one it came from. */
const keyOfHeader = (columns: readonly { name: string }[]): string =>
  columns
    .filter(column => !isReportColumn(column.name))
    .map(column => normalHeader(column.name))
    .join('|');

/** An earlier mapping by column names; our report's columns stand at the end, so the others keep their places. */
const reuseMapping = (earlier: ImportRow, columns: readonly { name: string }[]): ColumnMapping[] => {
  const places = new Map(columns.map((column, index) => [column.name, index]));
  return earlier.mapping.flatMap(one => {
    const place = places.get(earlier.found.columns[one.column]?.name ?? '');
    return place === undefined ? [] : [{ ...one, column: place }];
  });
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

export type ImportEdit = {
  version: number;
  kind?: string;
  shop_id?: string;
  settings?: Partial<Settings>;
  mapping?: ColumnMapping[];
  options?: Options;
};

/**
 * Changes how the file is read or what its columns mean. Settings that change the table's shape make it looked at anew, and the
 * mapping is guessed again unless it is given. Errors: not_found, conflict (stale, started already), refused (no such field, zone...).
 */
export const editImport = async (context: Context, id: string, edit: ImportEdit): Promise<ImportRow> => {
  const row = await importFor(context, id);
  if (!allowed.edit.includes(row.state) || row.position > 0) {
    throw new Refusal(
      'conflict',
      'imports.started',
      'This import has already started, so its mapping stays as it is. Undo it, then upload the file again.',
    );
  }
  const kind = kindOf(context, edit.kind ?? row.kind);
  const settings = { ...row.settings, ...edit.settings };
  checkSettings(settings);
  if (edit.shop_id && !(await findShop(context, edit.shop_id))) throw notFound('shop');
  const reshaped = (['encoding', 'delimiter', 'quote', 'header', 'skip_rows'] as const).some(
    name => settings[name] !== row.settings[name],
  );
  const look = reshaped ? await lookAgain(context, row, settings) : { settings, found: row.found };
  const width = look.found.columns.length;
  const guessed = () => guessMapping(kind, look.found.columns, look.settings.header).mapping;
  const mapping = edit.mapping
    ? checkMapping(kind, edit.mapping, width)
    : reshaped || kind.code !== row.kind
      ? guessed()
      : row.mapping;
  const options = { ...(kind.code === row.kind ? row.options : defaultOptions(kind)), ...edit.options };
  checkOptions(kind, options);
  return inTransaction(context, async inside => {
    const updated = await updateMapping(
      inside,
      id,
      edit.version,
      { kind: kind.code, settings: look.settings, mapping, options, found: look.found, shop_id: edit.shop_id },
      allowed.edit,
    );
    if (!updated) throw stale('import');
    return updated;
  });
};

const lookAgain = async (context: Context, row: ImportRow, settings: Settings) => {
  if (!row.file_id) throw notFound('file');
  const fileId = row.file_id;
  const { compression: _, date_order, ...wanted } = settings;
  const look = await lookAtFile(() => context.files.read(context, fileId), kindsFor(context), { zone: settings.zone }, wanted);
  return {
    settings: { ...look.settings, date_order: look.settings.date_order ?? date_order },
    found: { ...look.found, same_as: null },
  };
};

const checkSettings = (settings: Settings): void => {
  if (!(encodings as readonly string[]).includes(settings.encoding))
    throw badSetting('encoding', `The encoding "${settings.encoding}" is not one of: ${encodings.join(', ')}.`);
  if (settings.currency !== null && !isCurrency(settings.currency))
    throw badSetting('currency', `"${settings.currency}" is no currency. Use the three letters of ISO 4217, e.g. EUR.`);
  if (['\n', '\r', settings.quote].includes(settings.delimiter))
    throw badSetting(
      'delimiter',
      'Cells cannot be separated by a line end or by the quote sign. Choose a comma, semicolon, tab or bar.',
    );
  try {
    new Intl.DateTimeFormat('en', { timeZone: settings.zone });
  } catch {
    throw badSetting('zone', `"${settings.zone}" is no time zone. Use a name such as Europe/London.`);
  }
};
const badSetting = (name: string, sentence: string) =>
  new Refusal('refused', `imports.setting_${name}`, sentence, { faults: [{ path: `settings.${name}`, reason: sentence }] });

const checkMapping = (kind: ImportKind, mapping: ColumnMapping[], width: number): ColumnMapping[] => {
  const codes = new Set(kind.fields.map(field => field.code));
  mapping.forEach((one, index) => {
    if (one.column >= width)
      throw new Refusal('refused', 'imports.no_such_column', `The file has ${width} columns; there is no column ${one.column}.`, {
        faults: [{ path: `mapping.${index}.column`, reason: 'No such column.' }],
      });
    if (!codes.has(one.field))
      throw new Refusal('refused', 'imports.no_such_field', `"${one.field}" is not a field of this kind of import.`, {
        faults: [{ path: `mapping.${index}.field`, reason: 'No such field.' }],
      });
  });
  if (new Set(mapping.map(one => one.column)).size < mapping.length)
    throw new Refusal('refused', 'imports.column_twice', 'A column is mapped twice. Give each column one meaning.');
  return [...mapping].sort((a, b) => a.column - b.column);
};

const checkOptions = (kind: ImportKind, options: Options): void => {
  for (const [code, value] of Object.entries(options)) {
    const option = kind.options.find(one => one.code === code);
    const fits =
      option &&
      (value === null ||
        (option.type === 'yes_no'
          ? typeof value === 'boolean'
          : typeof value === 'string' && (option.type === 'text' || option.choices!.some(choice => choice.value === value))));
    if (!fits)
      throw new Refusal(
        'refused',
        'imports.option',
        `The option "${code}" cannot be "${String(value)}" for this kind of import.`,
        { faults: [{ path: `options.${code}`, reason: 'Not a choice of this option.' }] },
      );
  }
};

/** Rows of the file and samples hold names, addresses and amounts: only for those who may see all of that anyway. */
export const maySeeRows = (context: Context): boolean =>
  (['contact', 'address', 'money'] as const).every(group => maySee(context.actor, group));
