/** Guessing which column is which field, and which kind of file this is, by header names in several languages and by content. Pure. */

import type { Settings } from './contract.ts';
import type { ColumnMapping, ImportField, ImportKind, Reason } from './kind.ts';
import { type ColumnLook, type ColumnType, normalHeader } from './table.ts';

type Guessable = Pick<ImportKind, 'code' | 'fields' | 'signature' | 'signatures' | 'rest'>;

/** Columns our own row report adds: they mean nothing when the mended report is brought back. */
export const reportColumns = ['Import row', 'Import result', 'Import reason'] as const;
const ownColumns = new Set(reportColumns.map(normalHeader));
export const isReportColumn = (name: string): boolean => ownColumns.has(normalHeader(name));

const fits: Record<ImportField['type'], readonly ColumnType[]> = {
  text: ['text', 'whole', 'number', 'country', 'currency', 'phone', 'email', 'yes_no', 'time'],
  number: ['number', 'whole'],
  time: ['time'],
  email: ['email'],
  phone: ['phone', 'whole', 'text'],
  country: ['country', 'text'],
  currency: ['currency'],
  yes_no: ['yes_no', 'whole', 'text'],
  tags: ['text'],
  custom: ['text', 'whole', 'number', 'country', 'currency', 'phone', 'yes_no', 'time'],
};

/** 0 = no, 1 = surely. A name decides; content can only weaken it, or tip it where names are missing. */
const scoreOf = (field: ImportField, column: ColumnLook, hasHeader: boolean): number => {
  const looks = field.looks ?? fits[field.type];
  const fitting = column.type === 'empty' || looks.includes(column.type);
  const name = hasHeader ? normalHeader(column.name) : '';
  const place = field.names.indexOf(name);
  if (place !== -1) return (fitting ? 1 : 0.55) - Math.min(place, 20) * 0.005;
  const words = ` ${name} `;
  const part = field.names.findIndex(known => known.length >= 5 && words.includes(` ${known} `));
  if (part !== -1 && fitting) return 0.5 - Math.min(part, 20) * 0.005;
  if (fitting && looks.length <= 2 && ['email', 'currency'].includes(column.type)) return 0.4;
  if (!hasHeader && fitting && looks.length <= 2 && column.type !== 'whole') return 0.35;
  return 0;
};

/** Best pairs first; each column once, each field once unless it takes many. */
export const guessMapping = (
  kind: Guessable,
  columns: readonly ColumnLook[],
  hasHeader: boolean,
): { mapping: ColumnMapping[]; score: number } => {
  const pairs = columns
    .filter(column => !isReportColumn(column.name))
    .flatMap(column => kind.fields.map(field => ({ column, field, score: scoreOf(field, column, hasHeader) })))
    .filter(pair => pair.score >= 0.35)
    .sort((a, b) => b.score - a.score || a.column.index - b.column.index);
  const mapping: ColumnMapping[] = [];
  const fieldsTaken = new Set<string>();
  const columnsTaken = new Set<number>();
  let score = 0;
  for (const { column, field, score: points } of pairs) {
    if (columnsTaken.has(column.index) || (fieldsTaken.has(field.code) && !field.many)) continue;
    columnsTaken.add(column.index);
    fieldsTaken.add(field.code);
    mapping.push({ column: column.index, field: field.code });
    score += points * (field.required === true ? 2 : 1);
  }
  const missing = kind.fields.filter(field => field.required === true && !fieldsTaken.has(field.code)).length;
  if (kind.rest && hasHeader) {
    const { field, except } = kind.rest;
    for (const column of columns) {
      const name = normalHeader(column.name);
      if (columnsTaken.has(column.index) || column.type === 'empty' || isReportColumn(column.name) || except.includes(name))
        continue;
      mapping.push({ column: column.index, field, name: column.name.trim().toLowerCase().slice(0, 80) });
    }
  }
  mapping.sort((a, b) => a.column - b.column);
  return { mapping, score: score - 4 * missing };
};

const signaturesOf = (kind: Guessable): readonly (readonly string[])[] => [
  ...(kind.signature ? [kind.signature] : []),
  ...(kind.signatures ?? []),
];

/** How many headers of this format's own the file has: 0 when it is not this format. */
const recognised = (kind: Guessable, names: ReadonlySet<string>): number =>
  Math.max(0, ...signaturesOf(kind).map(one => (one.every(name => names.has(name)) ? one.length : 0)));

/** Whether the headers are those of the kind's own format, rather than a plain list's. */
export const isRecognised = (kind: Guessable, columns: readonly ColumnLook[], hasHeader: boolean): boolean =>
  hasHeader && recognised(kind, new Set(columns.map(column => normalHeader(column.name)))) > 0;

/** The kind whose format fits best; a signature decides at once. */
export const guessKind = <K extends Guessable>(kinds: readonly K[], columns: readonly ColumnLook[], hasHeader: boolean): K => {
  const names = new Set(hasHeader ? columns.map(column => normalHeader(column.name)) : []);
  const signed = kinds
    .map(kind => ({ kind, headers: recognised(kind, names) }))
    .filter(one => one.headers > 0)
    .sort((a, b) => b.headers - a.headers);
  if (signed[0]) return signed[0].kind;
  const plain = kinds.filter(kind => signaturesOf(kind).length === 0);
  const scored = (plain.length > 0 ? plain : kinds).map(kind => ({ kind, score: guessMapping(kind, columns, hasHeader).score }));
  return scored.sort((a, b) => b.score - a.score)[0].kind;
};

/** Every header name any kind knows: helps to tell a header from a first row. */
export const knownNames = (kinds: readonly Guessable[]): Set<string> =>
  new Set(kinds.flatMap(kind => kind.fields.flatMap(field => field.names)));

/** What still stands in the way of a start, in the mapping's words. Empty: it may start. */
export const problemsOf = (
  kind: Pick<ImportKind, 'fields' | 'options' | 'money'>,
  mapping: readonly ColumnMapping[],
  settings: Settings,
  options: Readonly<Record<string, string | boolean | null>>,
  columns: readonly ColumnLook[],
): Reason[] => {
  const problems: Reason[] = [];
  const mapped = new Set(mapping.map(one => one.field));
  for (const field of kind.fields)
    if (field.required === true && !mapped.has(field.code)) problems.push({ code: 'field_missing', field: field.code });
  for (const word of new Set(kind.fields.map(field => field.required).filter(required => typeof required === 'string'))) {
    const group = kind.fields.filter(field => field.required === word);
    if (!group.some(field => mapped.has(field.code)))
      problems.push({ code: 'one_of_missing', field: group[0].code, values: { group: word as string } });
  }
  for (const field of kind.fields) {
    if (!field.many && mapping.filter(one => one.field === field.code).length > 1)
      problems.push({ code: 'field_twice', field: field.code });
  }
  for (const one of mapping) {
    if (one.field !== 'attribute') continue;
    if (!one.name?.trim())
      problems.push({
        code: 'attribute_unnamed',
        field: 'attribute',
        values: { column: columns[one.column]?.name ?? one.column },
      });
  }
  const timed = mapping.filter(one => kind.fields.find(field => field.code === one.field)?.type === 'time');
  if (timed.length > 0 && settings.date_order === null) {
    problems.push({
      code: 'dates_ambiguous',
      field: timed[0].field,
      values: { sample: columns[timed[0].column]?.samples[0] ?? '' },
    });
  }
  if (kind.money && settings.currency === null && !mapped.has('currency'))
    problems.push({ code: 'currency_missing', field: 'currency' });
  for (const option of kind.options) {
    if (option.whenField && !mapped.has(option.whenField)) continue;
    const value = options[option.code] ?? option.default;
    if (value === null)
      problems.push({ code: 'option_unanswered', field: option.whenField ?? option.code, values: { option: option.code } });
  }
  return problems;
};
