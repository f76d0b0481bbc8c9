/** Builds the admin app into dist/admin; `vite` alone serves it for development and passes calls on to a running Regulars. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const server = process.env.REGULARS_URL ?? 'http://127.0.0.1:3000';

/**
 * Mantine's whole style sheet weighs 42 kB gzip. A build takes only the sheets of components that are used, each with its component;
 * in development the whole sheet is simpler. `virtual:mantine-styles` is what app.tsx imports.
 */
const mantineStyles = (): Plugin => {
  const virtual = 'virtual:mantine-styles';
  let building = false;
  return {
    name: 'mantine-styles',
    enforce: 'pre',
    config: (_config, { command }) => {
      building = command === 'build';
    },
    resolveId: id => (id === virtual ? `\0${virtual}` : undefined),
    load: id => {
      if (id !== `\0${virtual}`) return;
      const sheets = building ? ['baseline', 'default-css-variables', 'global'].map(name => `styles/${name}`) : ['styles'];
      return sheets.map(sheet => `import '@mantine/core/${sheet}.layer.css';`).join('\n');
    },
    transform: (code, id) => {
      const name = /@mantine\/core\/esm\/(?:components|utils)\/.*\/([A-Za-z]+)\.module\.mjs$/.exec(id)?.[1];
      return building && name
        ? { code: `import '@mantine/core/styles/${name}.layer.css';\n${code}`, map: null, moduleSideEffects: true }
        : undefined;
    },
  };
};

/**
 * The texts of the frame around the pages: the ground floor's, and those that the features' lists of pages name (`web/index.tsx`: navigation,
 * settings, actions). The rest, all sentences of all features, arrives with the first page. `virtual:shell-texts` is what app.tsx imports.
 */
const shellTexts = (): Plugin => {
  const virtual = 'virtual:shell-texts';
  const source = new URL('./src/', import.meta.url);
  type Texts = Record<string, string>;
  const textsIn = async (folder: string): Promise<Texts> =>
    ((await import(new URL(`${folder}/texts/en.ts`, source).href)) as { en: Texts }).en;
  const choose = async (): Promise<Texts> => {
    const chosen: Texts = { ...(await textsIn('platform')), ...(await textsIn('ui')) };
    for (const feature of readdirSync(new URL('features/', source))) {
      const list = fileURLToPath(new URL(`features/${feature}/web/index.tsx`, source));
      if (!existsSync(list)) continue;
      const texts = await textsIn(`features/${feature}`);
      for (const [, key] of readFileSync(list, 'utf8').matchAll(/'([\w-]+\.[\w.-]+)'/g)) if (texts[key]) chosen[key] = texts[key];
    }
    return chosen;
  };
  let chosen: Promise<Texts> | null = null;
  return {
    name: 'shell-texts',
    resolveId: id => (id === virtual ? `\0${virtual}` : undefined),
    async load(id) {
      chosen ??= choose();
      if (id === `\0${virtual}`) return `export const shellTexts = ${JSON.stringify(await chosen)};`;
      // What the frame has brought already does not come again with the pages.
      const feature = textsOf(id);
      if (feature === null) return;
      const shell = await chosen;
      const rest = Object.entries(await textsIn(`features/${feature}`)).filter(([key]) => !(key in shell));
      return `export const en = ${JSON.stringify(Object.fromEntries(rest))};`;
    },
  };
};

/** The feature whose texts these are. */
const textsOf = (id: string): string | null => /\/src\/features\/([\w-]+)\/texts\/en\.ts$/.exec(id)?.[1] ?? null;
/** Features whose screens say `lateTexts: true`. */
const late = new Set(
  readdirSync(new URL('./src/features/', import.meta.url)).filter(feature => {
    const list = fileURLToPath(new URL(`./src/features/${feature}/web/index.tsx`, import.meta.url));
    return existsSync(list) && /\blateTexts: true\b/.test(readFileSync(list, 'utf8'));
  }),
);

export default defineConfig({
  root: 'web',
  publicDir: 'public',
  cacheDir: '../.cache/vite',
  // The server writes a fresh nonce here for every page it sends.
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [mantineStyles(), shellTexts(), react()],
  build: {
    outDir: '../dist/admin',
    emptyOutDir: true,
    target: 'es2023',
    // Fonts and pictures stay files: the content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    // Read by tools/check/bundle-sizes.ts.
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Importing one part from ui/index.ts must not bring the others along: only app.tsx does something by being imported.
      treeshake: { moduleSideEffects: id => !/\/src\/(ui|features|platform)\/.*\.tsx?$/.test(id) || id.endsWith('/ui/app.tsx') },
      output: {
        codeSplitting: {
          groups: [
            // All texts of one language arrive in one file, but for those that the first page does not wait for.
            { name: 'texts-late-en', test: id => textsOf(id) !== null && late.has(textsOf(id) as string), priority: 1 },
            { name: 'texts-en', test: /\/texts\/en\.ts$/ },
            { name: 'libraries', test: /node_modules\/(react|react-dom|scheduler|@tanstack|i18next)\//, priority: 2 },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(['/api', '/healthz', '/v1', '/openapi.json', '/docs'].map(path => [path, server])) },
});
