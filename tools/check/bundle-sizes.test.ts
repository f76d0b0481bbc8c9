import { expect, test } from 'vitest';
import { type Manifest, tooHeavy, weigh } from './bundle-sizes.ts';

const manifest: Manifest = {
  'index.html': { file: 'index.js', isEntry: true, imports: ['_shared.js'], css: ['index.css'] },
  '_shared.js': { file: 'shared.js' },
  'texts/en.ts': { file: 'texts.js', isDynamicEntry: true, name: 'texts-en' },
  'list.tsx': { file: 'list.js', isDynamicEntry: true, imports: ['_shared.js', '_chart.js'], css: ['list.css'] },
  '_chart.js': { file: 'chart.js', imports: ['_shared.js'] },
};
const sizes = (chart: number) => (file: string) =>
  ({
    'index.js': 100_000,
    'index.css': 10_000,
    'shared.js': 90_000,
    'texts.js': 10_000,
    'list.js': 5000,
    'list.css': 1000,
    'chart.js': chart,
  })[file] ?? 0;

test('the shell counts its scripts, styles and texts once; a page counts what it adds', () => {
  const weights = weigh(manifest, sizes(20_000));
  expect(weights).toEqual({ shell_kb: 210, pages: [{ name: 'list.tsx', kb: 26 }] });
  expect(tooHeavy(weights)).toEqual([]);
});

test('a page beyond its budget is named', () => {
  const findings = tooHeavy(weigh(manifest, sizes(145_000)));
  expect(findings.map(one => [one.rule, one.where])).toEqual([['bundle-size', 'list.tsx']]);
});

test('a shell beyond its budget is named', () => {
  const findings = tooHeavy(weigh(manifest, file => sizes(0)(file) * 1.2));
  expect(findings.map(one => one.where)).toEqual(['the shell']);
});

test('a snippet beyond its budget is named: it loads on every page of a shop', () => {
  const shop = (snippet_kb: number) => tooHeavy({ shell_kb: 1, pages: [], snippet_kb }).map(one => one.where);
  expect([shop(7.9), shop(8.1)]).toEqual([[], ['regulars.js']]);
});
