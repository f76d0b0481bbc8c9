/**
 * W6: BG/NBD and Gamma-Gamma fitted and scored on CDNOW, 100,000 and 1,000,000 customers (performance.md). Limit: reading the same numbers once at
 * memory speed. Peer: scipy (bench/predictions-reference.py), where the machine has it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectedPurchases, fitBetaGeometric, type PurchaseSummaries } from '../src/features/predictions/beta-geometric.ts';
import { expectedSpend, fitGammaGamma, type SpendSummaries } from '../src/features/predictions/gamma-gamma.ts';
import { bgNbdShop, cdnowSummary, gammaDraw, seeded } from '../src/features/predictions/made-up-shops.ts';
import { median, type Row, range } from './workload.ts';

const REPETITIONS = 5;
const TRUTH = { r: 0.243, alpha: 4.414 * 7, a: 0.793, b: 2.426 };

type Shop = { name: string; purchases: PurchaseSummaries; spend: SpendSummaries };

const madeUp = (size: number): Shop => {
  const purchases = bgNbdShop(1, size, TRUTH, 272);
  const random = seeded(2);
  const counts = purchases.repeats.map(repeats => repeats + 1);
  const mean = Float64Array.from(counts, count => gammaDraw(random, 6.25 * count, count * gammaDraw(random, 3.74, 1544)));
  return { name: `made up, ${size.toLocaleString('en')}`, purchases, spend: { purchases: counts, mean } };
};

const timed = <T>(work: () => T): [number, T] => {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
};

/** Every number of the data read once: nothing that looks at all of them can be faster. */
const readOnce = ({ purchases, spend }: Shop): number => {
  let sum = 0;
  for (let i = 0; i < purchases.repeats.length; i++) {
    sum += purchases.repeats[i]! + purchases.lastDays[i]! + purchases.ageDays[i]! + spend.purchases[i]! + spend.mean[i]!;
  }
  return sum;
};

const fit = (shop: Shop) => ({ purchases: fitBetaGeometric('bg-nbd', shop.purchases), spend: fitGammaGamma(shop.spend) });

const score = ({ purchases: data, spend }: Shop, models: ReturnType<typeof fit>): number => {
  let total = 0;
  for (let i = 0; i < data.repeats.length; i++) {
    const days = expectedPurchases(models.purchases, data.repeats[i]!, data.lastDays[i]!, data.ageDays[i]!, 365);
    total += days * expectedSpend(models.spend, spend.purchases[i]!, spend.mean[i]!);
  }
  return total;
};

const measure = (shop: Shop, gateMs: number | null): Row[] => {
  const size = shop.purchases.repeats.length;
  const reading: number[] = [];
  const fitting: number[] = [];
  const scoring: number[] = [];
  let models = fit(shop);
  let total = 0;
  for (let i = 0; i < REPETITIONS; i++) {
    const [readMs] = timed(() => readOnce(shop));
    const [fitMs, fitted] = timed(() => fit(shop));
    const [scoreMs, sum] = timed(() => score(shop, fitted));
    reading.push(readMs);
    fitting.push(fitMs);
    scoring.push(scoreMs);
    models = fitted;
    total = sum;
  }
  const { r, alpha, a, b } = models.purchases.parameters;
  const row = (what: string, times: number[], gate: number | null, answer: string): Row => ({
    what: `${shop.name}: ${what}`,
    size,
    ours_ms: median(times),
    ours_range_ms: range(times),
    against: 'reading the numbers once',
    against_ms: median(reading),
    ratio: median(times) / median(reading),
    gate: gate === null ? null : `< ${gate} ms`,
    met: gate === null ? null : median(times) < gate,
    answer,
  });
  const sound = models.purchases.converged && models.spend.converged;
  const answer = `r=${r.toFixed(4)} alpha=${(alpha / 7).toFixed(3)} weeks a=${a.toFixed(4)} b=${b.toFixed(4)}`;
  return [
    row('fit', fitting, gateMs, sound ? answer : `did not converge: ${answer}`),
    row('score', scoring, null, `12-month sales ${(total / 100).toFixed(0)}`),
  ];
};

type Reference = { ms: number; parameters: { r: number; alpha: number; a: number; b: number } };

/** scipy's own optimiser on the same file, or null where the machine has no scipy. */
const reference = (shop: Shop): Reference | null => {
  const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-'));
  try {
    const file = join(folder, 'summary.csv');
    const { repeats, lastDays, ageDays } = shop.purchases;
    writeFileSync(file, Array.from(repeats, (x, i) => `${x},${lastDays[i]},${ageDays[i]}`).join('\n'));
    const script = fileURLToPath(new URL('predictions-reference.py', import.meta.url));
    const run = spawnSync('python3', [script, file], { encoding: 'utf8', timeout: 300_000 });
    return run.status === 0 ? (JSON.parse(run.stdout) as Reference) : null;
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Interleaved with scipy; the ratio is void where the parameters differ by more than a thousandth. */
const compare = (shop: Shop): Row[] => {
  const ours: number[] = [];
  const theirs: number[] = [];
  let apart = 0;
  for (let i = 0; i < REPETITIONS; i++) {
    const [ms, found] = timed(() => fitBetaGeometric('bg-nbd', shop.purchases));
    const peer = reference(shop);
    if (!peer) return [];
    ours.push(ms);
    theirs.push(peer.ms);
    for (const name of ['r', 'alpha', 'a', 'b'] as const)
      apart = Math.max(apart, Math.abs(found.parameters[name] / peer.parameters[name] - 1));
  }
  const same = apart < 1e-3;
  return [
    {
      what: `${shop.name}: fit of BG/NBD alone`,
      size: shop.purchases.repeats.length,
      ours_ms: median(ours),
      ours_range_ms: range(ours),
      against: 'scipy, L-BFGS-B',
      against_ms: median(theirs),
      ratio: same ? median(ours) / median(theirs) : null,
      gate: 'same parameters to 1e-3',
      met: same,
      answer: `largest difference ${apart.toExponential(1)}`,
    },
  ];
};

export const workload = {
  name: 'W6',
  title: 'BG/NBD and Gamma-Gamma: fit and score',
  /** Gates at both sizes: CDNOW < 20 ms, 1,000,000 fitted < 3 s (goal 0.7 s). */
  run: async ({ small }: { small: boolean }): Promise<Row[]> => {
    const rows: Row[] = [];
    const cdnow = cdnowSummary();
    if (cdnow) {
      const counts = cdnow.repeats.map(repeats => repeats + 1);
      const random = seeded(2);
      const shop = {
        name: 'CDNOW',
        purchases: cdnow,
        spend: {
          purchases: counts,
          mean: Float64Array.from(counts, count => gammaDraw(random, 6.25 * count, count * gammaDraw(random, 3.74, 1544))),
        },
      };
      rows.push(...measure(shop, 20), ...compare(shop));
    }
    const hundred = madeUp(100_000);
    rows.push(...measure(hundred, null), ...compare(hundred));
    if (!small) rows.push(...measure(madeUp(1_000_000), 3_000));
    return rows;
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.table(await workload.run({ small: process.argv.includes('--small') }));
