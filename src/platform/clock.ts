/** Time is passed in, so that tests decide what "now" is. */
export type Clock = { now: () => Date };

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is told to move. */
export const fixedClock = (
  start: string | Date,
): Clock & { set: (to: string | Date) => void; advance: (milliseconds: number) => void } => {
  let current = new Date(start);
  return {
    now: () => new Date(current),
    set: to => {
      current = new Date(to);
    },
    advance: milliseconds => {
      current = new Date(current.getTime() + milliseconds);
    },
  };
};
