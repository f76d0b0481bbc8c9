/**
 * A reason not to start (or not to back up, restore, rebuild) that the person at the terminal can act on.
 * It is printed as its one sentence, without a stack; anything else that is thrown at start is a bug and shows its stack.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What the sentence of a failed system call should say, or null when the code is not one people can act on. */
export const explainSystemError = (error: unknown, folder: string): StartError | null => {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new StartError(
      `The data folder ${folder} cannot be written by this user: give it to the user who runs Regulars, or name another one with REGULARS_DATA.`,
    );
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new StartError(
      `The data folder ${folder} is not a folder: move what is there away, or name another one with REGULARS_DATA.`,
    );
  return null;
};

export const diskFull = (folder: string): StartError =>
  new StartError(
    `The disk that holds ${folder} is full: free some space, then start again; nothing that was acknowledged is lost.`,
  );
