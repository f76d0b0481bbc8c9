/**
 * Weights, gzip: of the admin app what loads before the first page (shell) and what each page adds, and of the snippet in shops' pages all.
 * Reads a build in dist/. `node tools/check/bundle-sizes.ts` prints the table and fails when a budget is broken.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Finding } from './house.ts';

/** kB of 1,000 bytes. The shell counts scripts, styles and the texts of one language; fonts and pictures load beside it. */
export const budgets = { shell_kb: 245, page_kb: 150, snippet_kb: 8 } as const;

export const bundleRule = {
  name: 'bundle-size',
  why: 'People open Regulars on phones and slow lines; weight comes in by the gram and never leaves by itself.',
  wayOut: 'Load it lazily where it is needed, take a smaller library, or write the few lines yourself.',
} as const;

/** Vite's manifest: source or chunk name -> what it became. */
export type Manifest = Record<
  string,
  { file: string; isEntry?: boolean; isDynamicEntry?: boolean; imports?: string[]; css?: string[]; name?: string }
>;
export type Weights = {
  shell_kb: number;
  pages: { name: string; kb: number }[] /** Absent when it was not built. */;
  snippet_kb?: number;
};

/** Files that a chunk needs before it can run: itself, its static imports, their styles. */
const filesOf = (manifest: Manifest, start: string, seen = new Set<string>()): Set<string> => {
  const files = new Set<string>();
  if (seen.has(start)) return files;
  seen.add(start);
  const chunk = manifest[start];
  if (!chunk) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const next of chunk.imports ?? []) for (const file of filesOf(manifest, next, seen)) files.add(file);
  return files;
};

/** `sizeOf` gives the gzipped bytes of a built file. */
export const weigh = (manifest: Manifest, sizeOf: (file: string) => number): Weights => {
  const shell = new Set<string>();
  for (const [name, chunk] of Object.entries(manifest)) {
    // The shell does not open before the texts are there.
    if (chunk.isEntry || chunk.name === 'texts-en') for (const file of filesOf(manifest, name)) shell.add(file);
  }
  const kb = (files: Iterable<string>) => [...files].reduce((sum, file) => sum + sizeOf(file), 0) / 1000;
  const pages = Object.entries(manifest)
    .filter(([, chunk]) => chunk.isDynamicEntry && chunk.name !== 'texts-en')
    .map(([name]) => ({ name, kb: kb([...filesOf(manifest, name)].filter(file => !shell.has(file))) }))
    .sort((one, other) => other.kb - one.kb);
  return { shell_kb: kb(shell), pages };
};

export const tooHeavy = (weights: Weights): Finding[] => {
  const finding = (where: string, kb: number, budget_kb: number): Finding => ({
    ...bundleRule,
    rule: bundleRule.name,
    where,
    what: `${kb.toFixed(1)} kB gzip, the budget is ${budget_kb} kB`,
  });
  return [
    ...(weights.shell_kb > budgets.shell_kb ? [finding('the shell', weights.shell_kb, budgets.shell_kb)] : []),
    ...((weights.snippet_kb ?? 0) > budgets.snippet_kb
      ? [finding('regulars.js', weights.snippet_kb ?? 0, budgets.snippet_kb)]
      : []),
    ...weights.pages.filter(page => page.kb > budgets.page_kb).map(page => finding(page.name, page.kb, budgets.page_kb)),
  ];
};

/** Weighs dist/ under `root` (a folder's path with a slash at its end); null when nothing was built. */
export const weighBuild = (root: string): Weights | null => {
  const path = `${root}dist/admin/.vite/manifest.json`;
  if (!existsSync(path)) return null;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const sizeOf = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;
  const snippet = `${root}dist/storefront/regulars.js`;
  return {
    ...weigh(manifest, file => sizeOf(`${root}dist/admin/${file}`)),
    ...(existsSync(snippet) && { snippet_kb: sizeOf(snippet) / 1000 }),
  };
};

if (import.meta.main) {
  const weights = weighBuild(fileURLToPath(new URL('../../', import.meta.url)));
  if (!weights) {
    process.stderr.write('Nothing to weigh: run "npx vite build" first.\n');
    process.exit(1);
  }
  process.stdout.write(`shell ${weights.shell_kb.toFixed(1)} kB of ${budgets.shell_kb}\n`);
  if (weights.snippet_kb) process.stdout.write(`snippet ${weights.snippet_kb.toFixed(1)} kB of ${budgets.snippet_kb}\n`);
  for (const page of weights.pages.slice(0, 15)) process.stdout.write(`  + ${page.kb.toFixed(1).padStart(6)} kB  ${page.name}\n`);
  const findings = tooHeavy(weights);
  for (const one of findings) process.stderr.write(`${one.where}: ${one.what}. ${one.why} ${one.wayOut}\n`);
  process.exit(findings.length > 0 ? 1 : 0);
}
