/** Builds the admin app into dist/admin; `vite` alone serves it for development and passes calls on to a running Regulars. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.REGULARS_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: 'web',
  publicDir: 'public',
  cacheDir: '../.cache/vite',
  plugins: [react()],
  build: {
    outDir: '../dist/admin',
    emptyOutDir: true,
    target: 'es2023',
    // Fonts and pictures stay files: the content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // All texts of one language arrive in one file.
            { name: 'texts-en', test: /\/texts\/en\.ts$/ },
            {
              name: 'libraries',
              test: /node_modules\/(react|react-dom|scheduler|@tanstack|i18next|@floating-ui)\//,
              priority: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(['/api', '/healthz', '/v1', '/openapi.json', '/docs'].map(path => [path, server])) },
});
