/** Corrections before the start: how the file is read, what its columns mean, where its rows belong. */
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { isCurrency } from '../../platform/money.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { findShop, type Shop } from '../shops/index.ts';
import type { Settings } from './contract.ts';
import { encodings } from './encoding.ts';
import { allowed, type ImportRow, type Options } from './import.ts';
import type { ColumnMapping, ImportKind } from './kind.ts';
import { lookAtFile } from './look-at-file.ts';
import { defaultOptions, guessedOptions, importFor, kindOf, kindsFor } from './manage-imports.ts';
import { guessMapping, isRecognised } from './mapping.ts';
import { updateMapping } from './postgres.ts';
import { type SavedMapping, toColumns } from './saved-mapping.ts';
import { findMapping } from './saved-mappings.ts';

export type ImportEdit = {
  version: number;
  kind?: string;
  /** Where the rows belong. A till's rows are in its currency and its time. */
  shop_id?: string;
  /** A saved mapping: its kind, columns and answers, as far as this file has the columns. */
  mapping_id?: string;
  settings?: Partial<Settings>;
  mapping?: ColumnMapping[];
  options?: Options;
};

/**
 * Changes how the file is read or what its columns mean. Settings that change the table's shape make it looked at anew, and the
 * mapping is guessed again unless it is given. Errors: not_found, conflict (stale, started already), refused (no such field, zone...).
 */
export const editImport = async (context: Context, id: string, given: ImportEdit): Promise<ImportRow> => {
  const row = await importFor(context, id);
  const saved = given.mapping_id ? await findMapping(context, given.mapping_id) : null;
  const shop = given.shop_id ? await shopFor(context, given.shop_id) : null;
  const edit = { ...given, ...(saved ? editOf(saved, row) : {}) };
  if (!allowed.edit.includes(row.state) || row.position > 0) {
    throw new Refusal(
      'conflict',
      'imports.started',
      'This import has already started, so its mapping stays as it is. Undo it, then upload the file again.',
    );
  }
  const kind = kindOf(context, edit.kind ?? row.kind);
  const settings = { ...row.settings, ...(shop ? settingsFor(shop, row) : {}), ...edit.settings };
  checkSettings(settings);
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
  const fresh = () => ({ ...defaultOptions(kind), ...guessedOptions(kind, row.file_name, look.found.columns) });
  const options = { ...(kind.code === row.kind ? row.options : fresh()), ...edit.options };
  checkOptions(kind, options);
  return inTransaction(context, async inside => {
    const updated = await updateMapping(
      inside,
      id,
      edit.version,
      {
        kind: kind.code,
        settings: look.settings,
        mapping,
        options,
        found: { ...look.found, ...foundOf(kind, look, saved) },
        shop_id: edit.shop_id,
      },
      allowed.edit,
    );
    if (!updated) throw stale('import');
    return updated;
  });
};

const shopFor = async (context: Context, id: string): Promise<Shop> => {
  const shop = await findShop(context, id);
  if (!shop || (context.actor.shopIds && !context.actor.shopIds.includes(id))) throw notFound('shop');
  return shop;
};

/** Naive times are the shop's own; the amounts of a till are in its currency, other files are asked. */
const settingsFor = (shop: Shop, row: ImportRow): Partial<Settings> => ({
  zone: shop.zone,
  currency: shop.kind === 'till' ? shop.currency : row.settings.currency,
});

const editOf = (saved: SavedMapping, row: ImportRow) => ({
  kind: saved.kind,
  mapping: toColumns(saved, row.found.columns),
  options: saved.options,
  settings: { currency: saved.settings.currency, decimal: saved.settings.decimal, date_order: saved.settings.date_order },
});

const foundOf = (kind: ImportKind, look: { settings: Settings; found: ImportRow['found'] }, saved: SavedMapping | null) => ({
  recognised: isRecognised(kind, look.found.columns, look.settings.header),
  ...(saved ? { mapping_id: saved.id, same_as: null } : {}),
});

const lookAgain = async (context: Context, row: ImportRow, settings: Settings) => {
  if (!row.file_id) throw notFound('file');
  const fileId = row.file_id;
  const { compression: _, date_order, ...wanted } = settings;
  const look = await lookAtFile(() => context.files.read(context, fileId), kindsFor(context), { zone: settings.zone }, wanted);
  return {
    settings: { ...look.settings, date_order: look.settings.date_order ?? date_order },
    found: { ...look.found, same_as: null, mapping_id: null, recognised: false },
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
