/**
 * What can be imported. A kind is one file that describes itself; the wizard's form, the guess from headers, the dry run and the import
 * are all drawn from it. Later features fill the slot `importKinds`.
 */
import type { Context } from '../../platform/context.ts';
import { defineSlot } from '../../platform/slot.ts';
import type { Settings } from './contract.ts';
import type { ColumnType } from './table.ts';

export type FieldType = 'text' | 'number' | 'time' | 'email' | 'phone' | 'country' | 'currency' | 'yes_no' | 'tags' | 'custom';

export type ImportField = {
  code: string;
  /** Text key; hint too. */
  label: string;
  hint?: string;
  type: FieldType;
  /** true: one column must be given. A word: at least one of the fields with this word must be. */
  required?: boolean | string;
  /** Several columns may be given (custom attributes, tags, name parts). */
  many?: boolean;
  /** Header names that mean this field, normalised (lower case, words apart, no accents), best first. */
  names: readonly string[];
  /** Kinds of content that fit; others make a guess less likely. */
  looks?: readonly ColumnType[];
  /** Kept on the customer as this attribute: what a format knows that nothing else of ours does. */
  attribute?: string;
};

export type ImportOption = {
  code: string;
  label: string;
  hint?: string;
  type: 'yes_no' | 'choice' | 'text';
  choices?: readonly { value: string; label: string }[];
  /** null: must be answered before the start when it is shown. */
  default: string | boolean | null;
  /** Shown only when this field is mapped. */
  whenField?: string;
};

/** Column -> field. `name`: of a custom attribute. */
export type ColumnMapping = { column: number; field: string; name?: string };

export type Run = {
  importId: string;
  shopId: string;
  settings: Settings;
  mapping: readonly ColumnMapping[];
  options: Readonly<Record<string, string | boolean | null>>;
  columns: readonly string[];
  /** When the import began: the time of what a file states without a time. */
  at: Date;
};

/** Why a row was not simply kept. `code` is a text key "imports.reason.<code>"; `field`: code of the field at fault. */
export type Reason = { code: string; field?: string; values?: Record<string, string | number> };
export type RowRead<R> = { record: R; group: string | null } | { skip: Reason };
export type Numbered<R> = { row: number; record: R };

/** Rows of one portion and what became of each. Rows not named in `merged` or `skipped` were kept. */
export type Written = {
  /** Of the kept rows: how many said something new, the rest was known already. */
  added: number;
  merged: { row: number; reason: Reason }[];
  skipped: { row: number; reason: Reason }[];
  /** Kept, with a remark. */
  noted: { row: number; reason: Reason }[];
  /** Things made or changed, counted by name: { orders: 12, customers: 3 } (text keys imports.made.<name>). */
  made: Record<string, number>;
};

export type Preview = {
  counts: Record<string, number>;
  merged: { row: number; reason: Reason }[];
  skipped: { row: number; reason: Reason }[];
  noted: { row: number; reason: Reason }[];
};

/** Gathers the dry run of one kind over the whole file; writes nothing. */
export type Previewer<R> = {
  add: (context: Context, rows: readonly Numbered<R>[]) => Promise<Preview>;
  /** Figures over the whole file: { orders, customers_new, customers_known, ... }, currencies and the range of times. */
  end: (context: Context) => Promise<PreviewEnd>;
};
export type PreviewEnd = {
  counts: Record<string, number>;
  currencies: Record<string, number>;
  from: Date | null;
  until: Date | null;
  warnings: Reason[];
};

export type ImportKind<R = unknown> = {
  code: string;
  label: string;
  about: string;
  /** The feature's texts, for what the server writes itself (row reports). */
  texts: Readonly<Record<string, string>>;
  fields: readonly ImportField[];
  options: readonly ImportOption[];
  /** Normalised headers that only this format has; all there = this is it. */
  signature?: readonly string[];
  /** Further such sets, where a format comes in several shapes. */
  signatures?: readonly (readonly string[])[];
  /** Columns no field claims go here under their own names, except what is only the sender's own bookkeeping (normalised headers). */
  rest?: { field: string; except: readonly string[] };
  /** Answers that the file's own name or its headers (normalised) give. */
  guessOptions?: (about: { fileName: string; headers: readonly string[] }) => Readonly<Record<string, string | boolean | null>>;
  /** True: amounts need a currency, from a column or from the settings. */
  money: boolean;
  /** Record verb a person needs besides imports:write. */
  needs: `${string}:${string}`;
  /** Checks beyond the fields' own, in words of the mapping. */
  check?: (run: Run) => Reason[];
  /** Prepares reading; the answer reads one row, purely. */
  reader: (run: Run) => (cells: readonly string[], row: number) => RowRead<R>;
  previewer: (context: Context, run: Run) => Promise<Previewer<R>>;
  /** Writes one portion inside the transaction that also moves the import's position. */
  write: (context: Context, run: Run, rows: readonly Numbered<R>[]) => Promise<Written>;
  /** Last step after the last row, in a transaction of its own. */
  finish?: (context: Context, run: Run) => Promise<Record<string, number>>;
  /** Takes back everything the import brought, in one transaction. Returns what went, by name. */
  undo: (context: Context, importId: string) => Promise<Record<string, number>>;
};

// biome-ignore lint/suspicious/noExplicitAny: each kind has its own record; the runner hands back what the kind's reader gave.
export const importKinds = defineSlot<ImportKind<any>>('imports.kinds', kind => kind.code);

/** Keeps a kind's own record type while it is written. */
export const defineImportKind = <R>(kind: ImportKind<R>): ImportKind<R> => kind;
