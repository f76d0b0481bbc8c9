/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** 0 <= x < 1 */
  next: () => number;
  /** Whole number from..to, both included. */
  whole: (from: number, to: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  /** One of [value, weight]. */
  weighted: <T>(list: readonly (readonly [T, number])[]) => T;
  normal: () => number;
  exponential: (mean: number) => number;
  /** Gamma with this mean; a higher shape is more regular (Marsaglia and Tsang 2000). */
  gamma: (mean: number, shape: number) => number;
};

/** sfc32, seeded from a text (public domain, Chris Doty-Humphrey). */
export const openRandom = (seed: string): Random => {
  let [a, b, c, d] = seedOf(seed);
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const gamma = (mean: number, shape: number): number => {
    if (shape < 1) return gamma(mean, shape + 1) * next() ** (1 / shape) * (shape / (shape + 1));
    const k = shape - 1 / 3;
    for (;;) {
      const x = normal();
      const v = (1 + x / Math.sqrt(9 * k)) ** 3;
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + k - k * v + k * Math.log(v)) return (mean / shape) * k * v;
    }
  };
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: probability => next() < probability,
    pick: list => list[Math.floor(next() * list.length)],
    weighted: list => {
      let left = next() * list.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return list[list.length - 1][0];
    },
    normal,
    exponential: mean => -mean * Math.log(1 - next()),
    gamma,
  };
};

const seedOf = (seed: string): [number, number, number, number] => {
  const state: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  for (const [i, character] of [...seed].entries())
    state[i % 4] = Math.imul(state[i % 4] ^ character.codePointAt(0)!, 2654435761);
  return state;
};
