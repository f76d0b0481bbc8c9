/** `npm test`: types, format and lint, the house check, then all tests on the real engines; ends with one summed line. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const report = join(root, '.cache', 'vitest.json');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

type Sum = { passed: number; failed: number; skipped: number };

const run = (title: string, command: string, words: readonly string[]): boolean => {
  process.stdout.write(`\n== ${title}\n`);
  return spawnSync(command, words, { cwd: root, stdio: 'inherit' }).status === 0;
};

/** Counts what vitest wrote down; a run that ended without a report is one failure. */
const counted = (clean: boolean): Sum => {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const numbers = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown> & {
    testResults: { status: string; assertionResults: unknown[] }[];
  };
  // A file that could not be loaded has no tests to count.
  const broken = numbers.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length;
  const failed = Number(numbers.numFailedTests) + broken;
  return {
    passed: Number(numbers.numPassedTests),
    failed: clean ? failed : Math.max(1, failed),
    skipped: Number(numbers.numPendingTests) + Number(numbers.numTodoTests),
  };
};

mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(report, { force: true });
const checks = [
  run('Types', bin('tsc'), ['-b']),
  run('Format and lint', bin('biome'), ['check']),
  run('House', process.execPath, ['tools/check/main.ts']),
];
const clean = run('Tests', bin('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const tests = counted(clean);
const failed = tests.failed + checks.filter(one => !one).length;
process.stdout.write(`\n${tests.passed + checks.filter(one => one).length} passed, ${failed} failed, ${tests.skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
