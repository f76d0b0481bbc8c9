/** How good probabilities were, measured on what happened (Brier 1950; AUC as the rank statistic of Mann & Whitney 1947). */

/** Mean squared distance between probability and outcome; 0 is perfect, smaller is better. NaN-free: 0 rows give 0. */
export const brier = (probability: ArrayLike<number>, outcome: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < outcome.length; i++) sum += (probability[i]! - outcome[i]!) ** 2;
  return outcome.length ? sum / outcome.length : 0;
};

/** Chance that a random one ranks above a random zero, ties half; null when one of the two never occurs. */
export const areaUnderCurve = (score: ArrayLike<number>, outcome: ArrayLike<number>): number | null => {
  const n = outcome.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => score[i]! - score[j]!);
  let rankSum = 0;
  let ones = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && score[order[to]!] === score[order[from]!]) to++;
    const rank = (from + to + 1) / 2;
    for (let k = from; k < to; k++) {
      if (outcome[order[k]!]) {
        rankSum += rank;
        ones++;
      }
    }
    from = to;
  }
  const zeros = n - ones;
  return ones && zeros ? (rankSum - (ones * (ones + 1)) / 2) / (ones * zeros) : null;
};

/** Share of ones among the tenth with the highest score, over the share among all; null when there are no ones. */
export const topDecileLift = (score: ArrayLike<number>, outcome: ArrayLike<number>): number | null => {
  const n = outcome.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => score[j]! - score[i]! || i - j);
  const top = Math.max(1, Math.round(n / 10));
  let ones = 0;
  let inTop = 0;
  for (let k = 0; k < n; k++) {
    const one = outcome[order[k]!]!;
    ones += one;
    if (k < top) inTop += one;
  }
  return ones ? inTop / top / (ones / n) : null;
};

/** One group of people told about the same chance, and what became of them. */
export type CalibrationBin = { from: number; to: number; people: number; predicted: number; happened: number };

/** Ten bins of equal width; empty ones are left out. */
export const calibrationBins = (probability: ArrayLike<number>, outcome: ArrayLike<number>): CalibrationBin[] => {
  const people = new Float64Array(10);
  const predicted = new Float64Array(10);
  const happened = new Float64Array(10);
  for (let i = 0; i < outcome.length; i++) {
    const bin = Math.min(9, Math.max(0, Math.floor(probability[i]! * 10)));
    people[bin]! += 1;
    predicted[bin]! += probability[i]!;
    happened[bin]! += outcome[i]!;
  }
  return Array.from({ length: 10 }, (_, k) => ({
    from: k / 10,
    to: (k + 1) / 10,
    people: people[k]!,
    predicted: people[k] ? predicted[k]! / people[k]! : 0,
    happened: people[k] ? happened[k]! / people[k]! : 0,
  })).filter(bin => bin.people > 0);
};
