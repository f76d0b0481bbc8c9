/**
 * What the embedded ClickHouse must know about a statement before it runs it. The library binds parameters per process, not per
 * connection (two at once mix up their values), so we put them in as a ClickHouse server does: each `{name:Type}` outside of quotes
 * and comments becomes `_CAST('value', 'Type')`.
 */

export class SqlFault extends Error {
  readonly code: number;
  readonly type: string;
  constructor(code: number, type: string, message: string) {
    super(message);
    this.code = code;
    this.type = type;
  }
}

export type Statement = {
  sql: string;
  /** read: may run beside others; insert and write go one after the other through their own connections. */
  kind: 'read' | 'insert' | 'write';
};

type Piece = { kind: 'code' | 'quoted' | 'comment' | 'parameter'; text: string };

/** Types may hold quotes themselves: {at:DateTime64(3, 'UTC')}. */
const parameter = /\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}/;
const notCode = new RegExp(
  [
    /'(?:[^'\\]|\\[\s\S]|'')*'/,
    /"(?:[^"\\]|\\[\s\S]|"")*"/,
    /`(?:[^`\\]|\\[\s\S]|``)*`/,
    /--[^\n]*/,
    /\/\*[\s\S]*?\*\//,
    parameter,
  ]
    .map(one => `(?:${one.source})`)
    .join('|'),
  'g',
);

const pieceKind = (text: string): Piece['kind'] => {
  if (text.startsWith('{')) return 'parameter';
  return text.startsWith('--') || text.startsWith('/*') ? 'comment' : 'quoted';
};

/** Cuts a statement into code, quoted texts and comments. Throws on a quote or comment that does not end. */
export const piecesOf = (sql: string): Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  const code = (text: string): void => {
    if (/['"`]|\/\*/.test(text)) throw new SqlFault(62, 'SYNTAX_ERROR', 'A quoted text or a comment does not end.');
    if (text !== '') pieces.push({ kind: 'code', text });
  };
  for (const match of sql.matchAll(notCode)) {
    code(sql.slice(from, match.index));
    pieces.push({ kind: pieceKind(match[0]), text: match[0] });
    from = match.index + match[0].length;
  }
  code(sql.slice(from));
  return pieces;
};

/** Comments go: the engine answers a trailing `-- x` with an error where a server would not mind. One statement only. */
export const prepare = (sql: string, params: Readonly<Record<string, string>>): Statement => {
  const pieces = piecesOf(sql).filter(piece => piece.kind !== 'comment');
  const text = pieces
    .map(piece => (piece.kind === 'parameter' ? substitute(piece.text, params) : piece.text))
    .join('')
    .trim();
  const whole = text.replace(/[;\s]+$/, '');
  if (pieces.some((piece, index) => piece.kind === 'code' && hasStatementAfter(piece.text, pieces.slice(index + 1))))
    throw new SqlFault(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed.');
  return { sql: whole, kind: kindOf(whole) };
};

const hasStatementAfter = (code: string, rest: readonly Piece[]): boolean => {
  const semicolon = code.indexOf(';');
  if (semicolon < 0) return false;
  return /[^;\s]/.test(code.slice(semicolon)) || rest.some(piece => /[^;\s]/.test(piece.text));
};

const kindOf = (sql: string): Statement['kind'] => {
  if (/^(?:select|with|show|describe|desc|explain|exists|\()/i.test(sql)) return 'read';
  return /^insert\b/i.test(sql) ? 'insert' : 'write';
};

const substitute = (text: string, params: Readonly<Record<string, string>>): string => {
  const [, name = '', type = ''] = parameter.exec(text) ?? [];
  const value = params[name];
  if (value === undefined) throw new SqlFault(456, 'UNKNOWN_QUERY_PARAMETER', `Substitution \`${name}\` is not set.`);
  return literal(value, type);
};

const literal = (value: string, type: string): string => {
  if (type === 'Identifier') return `\`${unescapeTsv(value).replace(/[\\`]/g, '\\$&')}\``;
  if (value === '\\N' && /^(?:LowCardinality\()?Nullable\(/.test(type)) return `_CAST(NULL, ${quote(type)})`;
  if (/\b(?:Map|JSON|Variant|Dynamic)\b/.test(type))
    throw new SqlFault(48, 'NOT_IMPLEMENTED', `The embedded engine takes no parameter of type ${type}: send two arrays.`);
  // Top-level texts travel with tab-separated escapes; arrays, maps and tuples are literals already.
  const isText = /^(?:LowCardinality\(|Nullable\()*(?:String|FixedString|Enum|UUID|Date|IPv)/.test(type);
  return `_CAST(${quote(isText ? unescapeTsv(value) : value)}, ${quote(type)})`;
};

/** A ClickHouse string literal; backslash and quote are the only two characters that could end it. */
export const quote = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replaceAll('\0', '\\0')}'`;

const tsvEscapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', 0: '\0', a: '\x07', v: '\v' };
const unescapeTsv = (text: string): string => text.replace(/\\([\s\S])/g, (_whole, one: string) => tsvEscapes[one] ?? one);

/** Table functions that reach nothing outside of the database. */
const harmless = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'values',
  'generateseries',
  'generate_series',
  'null',
  'view',
]);

/**
 * Refuses what a read-only profile must not reach: other systems and files. `tableFunctions` comes from the engine itself
 * (system.table_functions), so a new version cannot bring one we do not know.
 */
export const guardReadOnly = (statement: Statement, tableFunctions: ReadonlySet<string>): void => {
  if (statement.kind !== 'read') throw new SqlFault(164, 'READONLY', 'Cannot execute query in readonly mode.');
  // Texts become blanks; quoted names stay, without their quotes.
  const code = piecesOf(statement.sql)
    .map(piece => (piece.text.startsWith("'") ? ' \u0001 ' : piece.text.replace(/[`"]/g, '')))
    .join('');
  for (const [, name = ''] of code.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    const lower = name.toLowerCase();
    if ((tableFunctions.has(lower) && !harmless.has(lower)) || lower === 'file' || lower === 'catboostevaluate')
      throw new SqlFault(497, 'ACCESS_DENIED', `Not enough privileges: ${name} is not allowed in read-only queries.`);
  }
  if (/\binto\s+outfile\b/i.test(code) || /\bsystem\s*\./i.test(code))
    throw new SqlFault(497, 'ACCESS_DENIED', 'Not enough privileges: only the tables of this database can be read.');
};
