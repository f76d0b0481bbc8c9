/**
 * A shell of about a megabyte that outlives us for a moment: its standard input is a pipe from this process, so when we die,
 * even by kill -9, it reads the end of the file and stops every child it was told about.
 */
import { spawn } from 'node:child_process';

export type Guardian = {
  /** From now on `pid` gets `signal` when this process dies, and KILL ten seconds later. */
  watch: (pid: number, signal: 'INT' | 'TERM' | 'KILL') => void;
  /** `pid` has ended; the number may belong to somebody else from now on. */
  release: (pid: number) => void;
  close: () => void;
};

const script = `
trap '' INT TERM HUP
watched=''
while read -r verb pid signal; do
  case $verb in
    watch) watched="$watched $signal:$pid" ;;
    release) kept=''; for one in $watched; do [ "\${one#*:}" = "$pid" ] || kept="$kept $one"; done; watched=$kept ;;
    close) exit 0 ;;
  esac
done
for one in $watched; do kill -"\${one%%:*}" "\${one#*:}" 2>/dev/null; done
tries=0
while [ $tries -lt 100 ]; do
  alive=''
  for one in $watched; do kill -0 "\${one#*:}" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  tries=$((tries + 1)); sleep 0.1
done
for one in $watched; do kill -KILL "\${one#*:}" 2>/dev/null; done
`;

export const startGuardian = (): Guardian => {
  // detached: its own session, so that Ctrl-C in the terminal does not reach it before we have stopped in order.
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
  shell.unref();
  const pipe = shell.stdin;
  (pipe as unknown as { unref?: () => void }).unref?.();
  pipe.on('error', () => undefined); // somebody killed the guardian: the next start finds orphans by their pid files
  const say = (line: string): void => {
    if (pipe.writable) pipe.write(`${line}\n`);
  };
  return {
    watch: (pid, signal) => say(`watch ${pid} ${signal}`),
    release: pid => say(`release ${pid}`),
    close: () => {
      say('close');
      pipe.end();
    },
  };
};
