/** Builds the snippet into dist/storefront/regulars.js: one file that needs nothing and leaves nothing but `window.regulars`. */
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  cacheDir: '.cache/vite-storefront',
  build: {
    outDir: 'dist/storefront',
    emptyOutDir: true,
    // What every browser of the last five years runs.
    target: 'es2020',
    lib: { entry: 'src/storefront/index.ts', formats: ['iife'], name: 'regularsSnippet', fileName: () => 'regulars.js' },
    minify: 'oxc',
  },
});
