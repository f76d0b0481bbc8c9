/**
 * `npm run bench [-- W2 W6] [-- --small] [-- --json FILE]`: runs the workloads of docs/performance.md and prints a table each, with the machine's
 * size and load beside it. Ends with code 1 when a gate is missed.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Row, Workload } from './workload.ts';

/** Loaded when asked for, so that one workload does not pay for another's imports. */
const workloads: Record<string, () => Promise<{ workload: Workload }>> = {
  W1: () => import('./ingest.ts'),
  W2: () => import('./segments.ts'),
  W3: () => import('./membership.ts'),
  W6: () => import('./predictions.ts'),
  W8: () => import('./pages.ts'),
  W9: () => import('./start.ts'),
  W10: () => import('./growth.ts'),
  W12: () => import('./import.ts'),
  W14: () => import('./duplicates.ts'),
};

const words = process.argv.slice(2);
const small = words.includes('--small');
const jsonFile = words.includes('--json') ? words[words.indexOf('--json') + 1] : null;
const asked = words.filter(word => /^w\d+$/i.test(word)).map(word => word.toUpperCase());
const unknown = asked.filter(name => !(name in workloads));
if (unknown.length > 0) {
  process.stderr.write(`There is no workload ${unknown.join(', ')}. There are ${Object.keys(workloads).join(', ')}.\n`);
  process.exit(2);
}

const machine = () => ({
  node: process.version,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memory_gib: Math.round(totalmem() / 2 ** 30),
  load: loadavg().map(one => Number(one.toFixed(2))),
});

const time = (ms: number | null): string =>
  ms === null ? '' : ms < 10 ? `${ms.toFixed(2)} ms` : ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;

const print = (workload: Workload, rows: readonly Row[]): void => {
  process.stdout.write(`\n${workload.name}  ${workload.title}${small ? '  (small)' : ''}\n`);
  console.table(
    rows.map(row => ({
      what: row.what,
      size: row.size.toLocaleString('en'),
      ours: time(row.ours_ms),
      range: row.ours_range_ms.map(time).join(' - '),
      against: row.against,
      theirs: time(row.against_ms),
      ratio: row.ratio === null ? '' : row.ratio.toFixed(2),
      gate: row.gate ?? '',
      met: row.met === null ? '' : row.met ? 'yes' : 'NO',
      answer: row.answer,
    })),
  );
};

const results: { name: string; rows: Row[] }[] = [];
const before = machine();
process.stdout.write(`${JSON.stringify(before)}\n`);
for (const name of asked.length > 0 ? asked : Object.keys(workloads)) {
  const { workload } = await workloads[name]!();
  const rows = await workload.run({ small });
  print(workload, rows);
  results.push({ name, rows });
}
const missed = results.flatMap(({ name, rows }) => rows.filter(row => row.met === false).map(row => `${name} ${row.what}`));
if (jsonFile)
  writeFileSync(
    jsonFile,
    `${JSON.stringify({ at: new Date().toISOString(), small, before, after: machine(), results }, null, 2)}\n`,
  );
process.stdout.write(missed.length === 0 ? '\nEvery gate is met.\n' : `\nMissed: ${missed.join('; ')}.\n`);
process.exit(missed.length === 0 ? 0 : 1);
