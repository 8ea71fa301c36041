import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchTile } from './tile-fetch.ts';

/** What the service answers, one entry per request. */
let answers: ((res: ServerResponse) => void)[] = [];
let askedAt: number[] = [];
let server: Server;
let url = '';

const status = (code: number, headers: Record<string, string> = {}) => {
  return (res: ServerResponse) => void res.writeHead(code, headers).end('x');
};
const file = (text: string) => (res: ServerResponse) => void res.end(text);
const hangUp = (res: ServerResponse) => void res.destroy();

/** Stands for the browser's decoder: only the text `good` is a picture. */
const decode = async (blob: Blob) => {
  const text = await blob.text();
  if (text !== 'good') throw new Error('cannot decode');
  return text;
};
const quick = { tries: 3, firstWaitMs: 20, longestWaitMs: 1500 };
const never = new AbortController().signal;

beforeEach(async () => {
  answers = [];
  askedAt = [];
  server = createServer((_req, res) => {
    askedAt.push(performance.now());
    (answers.shift() ?? status(500))(res);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tile.jpg`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('fetchTile', () => {
  it('asks once when all is well', async () => {
    answers = [file('good')];
    await expect(fetchTile(url, decode, never, quick)).resolves.toBe('good');
    expect(askedAt).toHaveLength(1);
  });

  it.each([
    ['a server error', status(500)],
    ['a busy service', status(503)],
    ['a broken connection', hangUp],
    ['a file that is no picture', file('bad')],
  ])('asks again after %s', async (_name, failure) => {
    answers = [failure, failure, file('good')];
    await expect(fetchTile(url, decode, never, quick)).resolves.toBe('good');
    expect(askedAt).toHaveLength(3);
  });

  it('gives up after three tries', async () => {
    answers = [status(500), status(500), status(500), file('good')];
    await expect(fetchTile(url, decode, never, quick)).rejects.toThrow('status 500');
    expect(askedAt).toHaveLength(3);
  });

  it('does not ask again for a tile that does not exist', async () => {
    answers = [status(404), file('good')];
    await expect(fetchTile(url, decode, never, quick)).rejects.toThrow('status 404');
    expect(askedAt).toHaveLength(1);
  });

  it('waits as long as Retry-After says', async () => {
    answers = [status(503, { 'Retry-After': '1' }), file('good')];
    await fetchTile(url, decode, never, quick);
    expect(askedAt[1]! - askedAt[0]!).toBeGreaterThanOrEqual(990); // two requests were asserted by the answer
  });

  it('obeys Retry-After no longer than the longest wait', async () => {
    answers = [status(503, { 'Retry-After': '600' }), file('good')];
    await fetchTile(url, decode, never, { ...quick, longestWaitMs: 50 });
    expect(askedAt[1]! - askedAt[0]!).toBeLessThan(900); // as above
  });

  it('stops at once when nobody wants the tile any more', async () => {
    answers = [status(503, { 'Retry-After': '1' })];
    const gone = new AbortController();
    const tile = fetchTile(url, decode, gone.signal, quick);
    setTimeout(() => gone.abort(), 60);
    await expect(tile).rejects.toMatchObject({ name: 'AbortError' });
    expect(askedAt).toHaveLength(1);
  });
});
