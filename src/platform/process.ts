/** The life of a process of ours: how it says that it cannot start, and when it stops. */
import { StartError } from './start-error.ts';

/** One sentence for what a person can mend; a bug shows its stack. */
export const sayWhyNot = (what: string, error: unknown): void => {
  const words =
    error instanceof StartError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`\n${what}: ${words}\n`);
};

/**
 * Starts, then runs until Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started us (npm passes no word on when it
 * is killed). A second Ctrl-C does not wait.
 */
export const runAsProcess = async (start: () => Promise<{ stop: () => Promise<void> }>): Promise<void> => {
  let running: { stop: () => Promise<void> } | null = null;
  let asked_at: number | null = null;
  const stop = (): void => {
    if (running === null) return; // still starting: stopped in order once it stands
    process.stdout.write('\nStopping ...\n');
    running.stop().then(
      () => process.exit(0),
      error => {
        sayWhyNot('Regulars did not stop cleanly', error);
        process.exit(1);
      },
    );
  };
  const ask = (): void => {
    // A terminal sends Ctrl-C to us and to npm, and npm passes it on: twice at once is one.
    if (asked_at !== null && Date.now() - asked_at < 1_000) return;
    if (asked_at !== null) process.exit(1);
    asked_at = Date.now();
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  if (process.env.npm_lifecycle_event !== undefined) whenParentGone(() => asked_at ?? ask());
  try {
    running = await start();
  } catch (error) {
    sayWhyNot('Regulars could not start', error);
    process.exit(1);
  }
  if (asked_at !== null) stop();
};

const whenParentGone = (then: () => void): void => {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 1_000);
  timer.unref();
};
