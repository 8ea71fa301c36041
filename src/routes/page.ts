import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import sirv from 'sirv';
import { sendProblem } from './errors.ts';

/** Addresses at which the page shows something of its own, beside `/`. */
const pagePaths = [
  '/view/:id',
  '/worklist',
  '/case/:id',
  '/consult',
  '/verify',
  '/compare',
  '/my-account',
  '/admin/:page',
  '/operation',
] as const;

/** The page: built files, compressed for who takes them so, and its one document at `/` and at every view. */
export function page(folder: string): Router {
  const router = express.Router();
  if (!existsSync(join(folder, 'index.html'))) {
    router.get('/', (_req, res) => {
      sendProblem(res, 503, 'The page is not built', 'Run npm run build, then start the service again.');
    });
    return router;
  }
  router.get([...pagePaths], (req, _res, next) => {
    req.url = '/';
    next();
  });
  const options = { immutable: true, maxAge: 31_536_000, setHeaders: pageHeaders };
  router.use(sirv(folder, { ...options, brotli: true, gzip: true }));
  return router;
}

/**
 * The document itself is asked for anew each time; its hashed files never. The worker that hashes files, and nothing
 * else of the page, may compile WebAssembly.
 */
function pageHeaders(res: { setHeader(name: string, value: string): void }, path: string): void {
  if (/^\/assets\/hash-worker-[\w-]+\.js$/.test(path))
    res.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
  if (path === '/' || path.endsWith('.html')) res.setHeader('Cache-Control', 'no-cache');
}
