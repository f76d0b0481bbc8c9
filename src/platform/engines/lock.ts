/** One installation per data folder: a file with the process that uses it. A file left behind by a killed process counts for nothing. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainSystemError, StartError } from '../start-error.ts';
import { birthOf, isAlive } from './processes.ts';

export type FolderLock = { release: () => void };

/** Keys and files lie there even where both engines are services. */
export const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw explainSystemError(error, folder) ?? error;
  }
};

/** Makes the folder (mode 700) and takes it. Throws a StartError when it cannot be written or is in use. */
export const lockFolder = (folder: string): FolderLock => {
  const file = fileIn(folder);
  try {
    makeFolder(folder);
    for (let attempt = 1; ; attempt++) {
      try {
        writeFileSync(file, `${process.pid}\n${birthOf(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
        const pid = holderOf(file);
        if (pid !== null)
          throw new StartError(
            `The data folder ${folder} is in use by another running installation (process ${pid}): stop that one, or set REGULARS_DATA to another folder.`,
          );
        rmSync(file, { force: true });
      }
    }
  } catch (error) {
    throw explainSystemError(error, folder) ?? error;
  }
};

const fileIn = (folder: string): string => join(folder, 'regulars.pid');

export const isLocked = (folder: string): boolean => holderOf(fileIn(folder)) !== null;

/** The living process that wrote the file. */
const holderOf = (file: string): number | null => {
  try {
    const [pid = '', birth = ''] = readFileSync(file, 'utf8').split('\n');
    return isAlive(Number(pid)) && birthOf(Number(pid)) === birth ? Number(pid) : null;
  } catch {
    return null;
  }
};
