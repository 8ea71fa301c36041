import { preact } from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Where `vite web` finds the service while the page is worked on. */
const service = process.env['TELEPATH_URL'] ?? 'http://127.0.0.1:8080';

/** Paths that the service answers itself. */
const served = [
  '/slides',
  '/session',
  '/account',
  '/people',
  '/organisations',
  '/audit',
  '/deleted-slides',
  '/storage-use',
  '/certificates',
  '/uploads',
  '/files',
  '/operation.json',
  '/api',
  '/openapi.json',
];

/** Builds the page into web/dist: hashed files from our own origin, nothing inline, as the service's policy wants. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [preact({ prefreshEnabled: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, service])) },
});
