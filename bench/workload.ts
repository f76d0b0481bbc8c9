/** What every workload of docs/performance.md looks like. */

/** One line of the table: ours against one other; times are medians over the repetitions, interleaved. */
export type Row = {
  what: string;
  size: number;
  ours_ms: number;
  ours_range_ms: [number, number];
  against: string;
  against_ms: number | null;
  /** ours / against; void (null) where the answers differ or there is nothing to compare with. */
  ratio: number | null;
  gate: string | null;
  met: boolean | null;
  answer: string;
};

/** `small`: a tenth of the size, quick enough to run often; the gates hold at both. */
export type Workload = { name: string; title: string; run: (options: { small: boolean }) => Promise<Row[]> };

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
export const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
