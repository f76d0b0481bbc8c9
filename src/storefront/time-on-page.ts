/** How long a page was really looked at: only while it is visible. Pure but for the clock it is given. */

export type Stopwatch = {
  start: () => void;
  pause: () => void /** Whole seconds since the last time it was asked; less than half a second waits for the next. */;
  take: () => number;
};

/** `now_ms` must not jump with the wall clock (performance.now). */
export const openStopwatch = (now_ms: () => number): Stopwatch => {
  let since: number | null = null;
  let sum_ms = 0;
  const pause = () => {
    if (since !== null) sum_ms += now_ms() - since;
    since = null;
  };
  return {
    start: () => {
      since ??= now_ms();
    },
    pause,
    take: () => {
      const running = since !== null;
      pause();
      const seconds = Math.round(sum_ms / 1000);
      if (seconds > 0) sum_ms = 0;
      if (running) since = now_ms();
      return seconds;
    },
  };
};
