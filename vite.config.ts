/** Builds the admin app into dist/admin; `vite` alone serves it for development and passes calls on to a running Regulars. */
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

export default defineConfig({
  root: 'web',
  publicDir: 'public',
  cacheDir: '../.cache/vite',
  // The server writes a fresh nonce here for every page it sends.
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [mantineStyles(), react()],
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
            // All texts of one language arrive in one file.
            { name: 'texts-en', test: /\/texts\/en\.ts$/ },
            { name: 'libraries', test: /node_modules\/(react|react-dom|scheduler|@tanstack|i18next)\//, priority: 2 },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(['/api', '/healthz', '/v1', '/openapi.json', '/docs'].map(path => [path, server])) },
});
