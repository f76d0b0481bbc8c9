/** Makes copies of the two compilers with one operator flipped, to show that the tests would notice. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const source = new URL('../', import.meta.url);
/** Files in which every operator decides about membership. */
const files = [
  'operator.ts',
  'shapes.ts',
  'moment.ts',
  'compile.ts',
  ...['fact', 'did', 'parts', 'orders', 'bought', 'share'].map(name => `conditions/${name}.ts`),
];

/** Flips that read alike in SQL and TypeScript; each occurrence is one mutant. */
const flips: readonly (readonly [RegExp, string])[] = [
  [/ >= /g, ' > '],
  [/ <= /g, ' < '],
  [/(?<!=) > /g, ' >= '],
  [/ < /g, ' <= '],
  [/ = (?=\$\{bind)/g, ' != '],
  [/\) = 0/g, ') > 0'],
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ and (?=[$a-z])/g, ' or '],
  [/ or (?=mapContains)/g, ' and '],
  [/\.every\(/g, '.some('],
  [/\.some\(/g, '.every('],
  [/hasAny\(/g, 'hasAll('],
  [/hasAll\(/g, 'hasAny('],
  [/startsWith\(/g, 'endsWith('],
  [/min\(time\)/g, 'max(time)'],
  [/max\(time\)/g, 'min(time)'],
  [/Math\.min\(/g, 'Math.max('],
  [/Math\.max\(/g, 'Math.min('],
  [/bitmapAnd\(/g, 'bitmapOr('],
  [/bitmapOr\(/g, 'bitmapAnd('],
  [/bitmapAndnot\(/g, 'bitmapAnd('],
  [/kind in \('product', 'return'\)/g, "kind in ('product')"],
  [/complement \? !holds : holds/g, 'holds'],
  [/earliest\(/g, 'latest('],
  [/\.subtract\(/g, '.add('],
  [/ \+ 1\)/g, ')'],
  [/, 1\), moment\.zone/g, ', 0), moment.zone'],
];

/** Parts of files that say nothing about membership: comments, shapes, words, dependencies. */
const silent: readonly RegExp[] = [
  /\/\*\*.*?\*\//gs,
  /\/\/ .*/g,
  /\n {2}schema: .*?\n {2}groups: [^\n]*/gs,
  /\n {2}(groups|needs|changedBy|currentOnly|sentence): .*?(?=\n {2}[a-z]+: |\n\}\))/gs,
  /const (filterShape|notASegmentEvent|wanted|countArgument|stretch|orderedPair)\b.*?\n\n/gs,
  /(?:export )?const \w+Phrase = .*?\n\};/gs,
  /const valuePhrase = .*?\n\};/gs,
  /(?:export )?const (span|amount|text|day|pair|oneWindow|oneOperator)\b.*?;\n/gs,
  /const amountOf = .*?;\n/gs,
  /\/\/ ---- what a definition depends on .*/gs,
];

/** Shortcuts whose long way gives the same answer ("at least 1" as HAVING count() >= 1), and what only `now` reaches. */
const equivalent = [
  /count === undefined \|\| count\.at_least === 1/,
  /node\.any\.length === 0|bitmapAndnot\(population, population\)|so_far === 'population'|person !== lastPerson|complement === true/,
  /now\.getTime\(\) \+ 1|a\.getTime\(\) [<>] b\.getTime\(\)/,
  /const (numberValue|oneValue|withoutHours) |return z\.|return day;|choiceValue|orderedPair|\.filter\(one => !only|fact\.type === 'set'\) return 'value'|typeof value === 'boolean' \? String/,
];

export type Mutant = { name: string; module: string };

const silentAt = (text: string, index: number): boolean =>
  silent.some(part => [...text.matchAll(part)].some(match => match.index <= index && index < match.index + match[0].length));

const mutationsOf = (file: string, text: string): { name: string; text: string }[] => {
  const found: { name: string; text: string }[] = [];
  for (const [pattern, flipped] of flips) {
    for (const match of text.matchAll(pattern)) {
      if (silentAt(text, match.index)) continue;
      const lineStart = text.lastIndexOf('\n', match.index) + 1;
      const line = text.slice(lineStart, text.indexOf('\n', match.index));
      if (equivalent.some(one => one.test(line))) continue;
      const number = text.slice(0, match.index).split('\n').length;
      const mutated = text.slice(0, match.index) + flipped + text.slice(match.index + match[0].length);
      if (mutated !== text)
        found.push({
          name: `${file}:${number} "${match[0].trim()}" -> "${flipped.trim()}"  ${line.trim().slice(0, 110)}`,
          text: mutated,
        });
    }
  }
  return found;
};

/** Writes every mutant as a folder of its own under `.cache`, and an unchanged copy first. */
export const writeMutants = async (): Promise<{ original: string; mutants: Mutant[]; remove: () => Promise<void> }> => {
  const root = new URL(`../../../../.cache/mutants-${process.pid}/`, import.meta.url);
  const names = [
    ...(await readdir(source)).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')),
    ...(await readdir(new URL('conditions/', source))).map(name => `conditions/${name}`),
  ];
  const originals = new Map<string, string>();
  for (const name of names)
    originals.set(
      name,
      (await readFile(new URL(name, source), 'utf8')).replaceAll("'../../platform/", "'../../../src/platform/"),
    );
  const write = async (folder: string, changed?: { file: string; text: string }): Promise<string> => {
    const at = new URL(`${folder}/`, root);
    await mkdir(new URL('conditions/', at), { recursive: true });
    for (const [name, text] of originals) await writeFile(new URL(name, at), changed?.file === name ? changed.text : text);
    return fileURLToPath(new URL('compile.ts', at));
  };
  const original = await write('original');
  const mutants: Mutant[] = [];
  for (const file of files) {
    for (const mutation of mutationsOf(file, originals.get(file) ?? '')) {
      mutants.push({ name: mutation.name, module: await write(`m${mutants.length}`, { file, text: mutation.text }) });
    }
  }
  return { original, mutants, remove: () => rm(root, { recursive: true, force: true }) };
};
