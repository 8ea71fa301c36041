import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { preact } from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';

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

/** Files smaller than this travel in one packet whatever is done to them, bytes. */
const leastCompressed = 1024;

/** Writes each file of the page once more as .br and .gz, which the service sends to browsers that take them. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const names = await readdir(dir, { recursive: true });
      const texts = names.filter((name) => /\.(?:m?js|css|svg|html)$/.test(name));
      await Promise.all(texts.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < leastCompressed) return;
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
}

/** Builds the page into web/dist: hashed files from our own origin, nothing inline, as the service's policy wants. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [preact({ prefreshEnabled: false }), compressed()],
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
