import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Machine = { platform: string; arch: string; glibc: string | null; node: string };
const { platformFault } = (await import('./prepare.mjs' as string)) as { platformFault: (machine: Machine) => string | null };
const machine = { platform: 'linux', arch: 'x64', glibc: '2.36', node: '20.20.2' };

test.each<[string, Partial<Machine>, RegExp | null]>([
  ['a usual Linux', {}, null],
  ['the oldest glibc that works', { glibc: '2.28' }, null],
  ['a Mac', { platform: 'darwin', arch: 'arm64', glibc: null }, null],
  ['Windows', { platform: 'win32', glibc: null }, /wsl --install/],
  ['Alpine', { glibc: null }, /musl/],
  ['an old glibc', { glibc: '2.17' }, /too old \(glibc 2\.17\)/],
  ['another processor', { arch: 'ia32' }, /ia32/],
  ['another system', { platform: 'freebsd', glibc: null }, /freebsd/],
  ['an old Node', { node: '18.19.0' }, /Node 18\.19\.0 is too old/],
])('%s', (_name, patch, sentence) => {
  const fault = platformFault({ ...machine, ...patch });
  if (sentence === null) expect(fault).toBeNull();
  else expect(fault).toMatch(sentence);
});

test('the lockfile names the packages of every platform, or "npm ci" refuses it on the others', () => {
  type Lock = { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as Lock;
  const missing = Object.entries(packages).flatMap(([path, one]) =>
    Object.keys(one.optionalDependencies ?? {}).filter(
      name => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
