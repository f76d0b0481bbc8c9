/** A saved mapping: what the columns of a kind of file mean, by name, so that it fits files whose columns stand elsewhere. Pure. */
import type { Settings } from './contract.ts';
import type { ImportRow, Options } from './import.ts';
import type { ColumnMapping } from './kind.ts';
import type { Look } from './look-at-file.ts';

export type SavedColumn = { header: string; field: string; name: string | null };
export type SavedMapping = {
  id: string;
  name: string;
  kind: string;
  header_key: string;
  columns: SavedColumn[];
  /** What the file itself does not say, or says badly. */
  settings: Pick<Settings, 'encoding' | 'delimiter' | 'header' | 'skip_rows' | 'decimal' | 'date_order' | 'currency'>;
  options: Options;
  created_by: string;
  created_at: Date;
  used_at: Date | null;
  version: number;
};

export const toSaved = (row: ImportRow): Pick<SavedMapping, 'kind' | 'header_key' | 'columns' | 'settings' | 'options'> => {
  const { encoding, delimiter, header, skip_rows, decimal, date_order, currency } = row.settings;
  return {
    kind: row.kind,
    header_key: row.header_key,
    columns: row.mapping.map(one => ({
      header: row.found.columns[one.column]?.name ?? '',
      field: one.field,
      name: one.name ?? null,
    })),
    settings: { encoding, delimiter, header, skip_rows, decimal, date_order, currency },
    options: row.options,
  };
};

/** The same fields for another file; columns it does not have are left out. */
export const toColumns = (saved: SavedMapping, columns: readonly { name: string; index: number }[]): ColumnMapping[] => {
  const places = new Map(columns.map(column => [column.name, column.index]));
  return saved.columns
    .flatMap(one => {
      const column = places.get(one.header);
      return column === undefined ? [] : [{ column, field: one.field, ...(one.name === null ? {} : { name: one.name }) }];
    })
    .sort((a, b) => a.column - b.column);
};

/** How to look at a file for which somebody chose the mapping: the table's shape is detected anew, only what may be read two ways is given. */
export const settingsOf = (saved: SavedMapping): Partial<Settings> => ({
  ...(saved.settings.date_order ? { date_order: saved.settings.date_order } : {}),
  decimal: saved.settings.decimal,
});

/** What the saved mapping says about reading this file; what the file says beyond doubt stays. */
export const mappingFor = (saved: SavedMapping, look: Look): Partial<Settings> => ({
  currency: saved.settings.currency,
  date_order: look.settings.date_order ?? saved.settings.date_order,
  decimal: look.found.sure.decimal ? look.settings.decimal : saved.settings.decimal,
});
