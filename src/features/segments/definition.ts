/**
 * What a segment says: a closed tree of `all` (AND), `any` (OR) and `not` (BUT NOT) groups over conditions.
 * Pure and free of Node, so that the builder in the browser works on the very same shapes.
 */

/** A condition: one key names its kind ("did", "fact", ...), the others are its arguments. Checked by `parseDefinition`. */
export type Condition = { readonly [key: string]: unknown };
export type All = { readonly all: readonly Definition[] };
export type Any = { readonly any: readonly Definition[] };
export type Not = { readonly not: Definition };
export type Definition = All | Any | Not | Condition;

export const limits = {
  /** Groups inside groups, the outermost counted. */
  depth: 10,
  conditions: 100,
  /** With the conditions of the segments it refers to. */
  conditionsWithReferences: 1000,
  /** Values in one list ("is any of ..."). */
  values: 1000,
  textLength: 500,
} as const;

/** "Everybody": what the builder starts from. */
export const everybody: All = { all: [] };

export const isAll = (node: Definition): node is All => 'all' in node;
export const isAny = (node: Definition): node is Any => 'any' in node;
export const isNot = (node: Definition): node is Not => 'not' in node;
export const isGroup = (node: Definition): node is All | Any | Not => isAll(node) || isAny(node) || isNot(node);

/** The nodes directly inside a group; a condition has none. */
export const childrenOf = (node: Definition): readonly Definition[] => {
  if (isAll(node)) return node.all;
  if (isAny(node)) return node.any;
  return isNot(node) ? [node.not] : [];
};

/** Where a node sits: the property names and positions from the root, joined by dots ("all.2.not"). "" is the root. */
export type Path = string;
export const joinPath = (...parts: (string | number)[]): Path => parts.filter(part => part !== '').join('.');

/** The children with their paths, given the path of the group. */
export const childPathsOf = (node: Definition, path: Path): [Path, Definition][] => {
  if (isNot(node)) return [[joinPath(path, 'not'), node.not]];
  const word = isAll(node) ? 'all' : 'any';
  return childrenOf(node).map((child, i) => [joinPath(path, word, i), child]);
};

/** Every condition of the tree with its path, in reading order. */
export const conditionsOf = (node: Definition, path: Path = ''): { path: Path; condition: Condition }[] =>
  isGroup(node) ? childPathsOf(node, path).flatMap(([at, child]) => conditionsOf(child, at)) : [{ path, condition: node }];

/** Groups inside groups: a lone condition has depth 0. */
export const depthOf = (node: Definition): number => (isGroup(node) ? 1 + Math.max(0, ...childrenOf(node).map(depthOf)) : 0);

/** JSON with sorted keys: equal definitions are equal texts, whatever order their keys were written in. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
};
