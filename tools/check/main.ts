/** `npm run check`: reads the sources and prints what the house check finds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleRule, tooHeavy, weighBuild } from './bundle-sizes.ts';
import { checkHouse, type Finding, rules } from './house.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const readFiles = (): Map<string, string> => {
  const files = new Map<string, string>();
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(tsx?|sql|md)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8'));
  }
  return files;
};

/** The admin app as it was last built; nothing to say before the first build. */
const weights = weighBuild(root);
const allRules = [...rules, bundleRule];

const print = (findings: readonly Finding[]): void => {
  for (const rule of allRules) {
    const mine = findings.filter(one => one.rule === rule.name);
    if (mine.length === 0) continue;
    process.stdout.write(`\n${rule.name}: ${rule.why}\n`);
    for (const one of mine) process.stdout.write(`  ${one.where}: ${one.what}\n`);
    process.stdout.write(`  The way out: ${rule.wayOut}\n`);
  }
};

const findings = [...checkHouse(readFiles()), ...(weights ? tooHeavy(weights) : [])];
print(findings);
process.stdout.write(
  findings.length === 0 ? `The house stands: ${allRules.length} rules hold.\n` : `\n${findings.length} findings.\n`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
