/**
 * Files of a folder below the inbox (<data folder>/inbox). Whoever may schedule an import must not be able to read anything else of the
 * machine with it: paths are plain names, no part of them may be a link, and a file is opened without following one.
 */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { fitsPattern, folderParts } from './source.ts';

export type FolderFile = { name: string; bytes: number; modifiedAt: Date };

/** A file that changed this recently may still be written. */
const settled_ms = 10_000;
const mostFiles = 500;

export const inboxOf = (context: Context): string => join(context.config.dataFolder, 'inbox');

/** The folder's path, checked part by part. Errors: refused (leads elsewhere, a link, not there). */
export const folderOf = async (context: Context, folder: string): Promise<string> => {
  const parts = folderParts(folder);
  if (parts === null) throw outside(folder);
  let path = inboxOf(context);
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const part of ['', ...parts]) {
    path = part === '' ? path : join(path, part);
    const found = await lstat(path).catch(() => null);
    if (!found)
      throw new Refusal(
        'refused',
        'imports.folder_missing',
        `There is no folder "${parts.join('/')}" in the inbox. Make it on the machine Regulars runs on, below its data folder: inbox/${parts.join('/')}.`,
      );
    if (!found.isDirectory()) throw outside(folder);
  }
  return path;
};

const outside = (folder: string) =>
  new Refusal(
    'refused',
    'imports.folder_outside',
    `"${folder.slice(0, 100)}" does not lie plainly below the inbox. Use names of folders in it, such as erp/nightly, and no links.`,
  );

/** Files that fit the pattern and have come to rest, oldest first. */
export const filesIn = async (context: Context, folder: string, pattern: string): Promise<FolderFile[]> => {
  const path = await folderOf(context, folder);
  const files: FolderFile[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.') || !fitsPattern(pattern, entry.name)) continue;
    const { size, mtime } = await lstat(join(path, entry.name));
    if (Date.now() - mtime.getTime() >= settled_ms) files.push({ name: entry.name, bytes: size, modifiedAt: mtime });
  }
  return files.sort((a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime() || (a.name < b.name ? -1 : 1)).slice(0, mostFiles);
};

/** Errors: refused (gone, or a link by now). */
export const openFolderFile = async (context: Context, folder: string, name: string): Promise<Readable> => {
  const path = join(await folderOf(context, folder), name);
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    if ((await file.stat()).isFile()) return file.createReadStream({ highWaterMark: 256 * 1024 });
    await file.close();
  } catch (error) {
    if (!['ENOENT', 'ELOOP', 'EACCES'].includes((error as { code?: string }).code ?? '')) throw error;
  }
  throw new Refusal(
    'refused',
    'imports.folder_file',
    `The file "${name}" cannot be read. Check that it is there and that Regulars may read it.`,
  );
};
