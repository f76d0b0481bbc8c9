/**
 * PostgreSQL refuses to run as root. Three ways out, the first that fits:
 * the owner of an existing cluster; an empty user namespace (`unshare -U`), in which root looks like nobody but keeps its rights to
 * its own files, so that any folder works; or the account "nobody" with a folder it can enter.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

export type RunAs = {
  /** What to put before the command. */
  prefix: readonly string[];
  uid?: number;
  gid?: number;
};

export const asMyself: RunAs = { prefix: [] };

export const whoRunsPostgres = (clusterFolder: string): RunAs => {
  if (process.getuid?.() !== 0) return asMyself;
  const owner = ownerOf(clusterFolder);
  if (owner !== null && owner.uid !== 0) return { prefix: [], ...owner };
  if (process.platform === 'linux' && spawnSync('unshare', ['-U', 'true'], { stdio: 'ignore' }).status === 0)
    return { prefix: ['unshare', '-U'] };
  return { prefix: [], ...nobody() };
};

const ownerOf = (folder: string): { uid: number; gid: number } | null => {
  try {
    const { uid, gid } = statSync(folder);
    return { uid, gid };
  } catch {
    return null;
  }
};

const nobody = (): { uid: number; gid: number } => {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find(one => one.startsWith('nobody:'));
    const [, , uid, gid] = (line ?? '').split(':');
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  } catch {
    // no such file: the usual number of a Linux system
  }
  return { uid: 65_534, gid: 65_534 };
};

/** Whether that account can read and enter a path, asked of the system itself. */
export const canEnter = (runAs: RunAs, path: string): boolean => {
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$0"', path], { stdio: 'ignore', cwd: '/', uid: runAs.uid, gid: runAs.gid });
    return true;
  } catch {
    return false;
  }
};
