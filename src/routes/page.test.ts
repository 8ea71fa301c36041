import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { page } from './page.ts';

const script = Buffer.from('export const word = "slide";\n'.repeat(100));
const asIs = (bytes: Buffer) => bytes;

describe('the files of the page', () => {
  let folder: string;
  let server: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-page-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html>');
    await writeFile(join(folder, 'assets/main-1.js'), script);
    await writeFile(join(folder, 'assets/main-1.js.br'), brotliCompressSync(script));
    await writeFile(join(folder, 'assets/main-1.js.gz'), gzipSync(script));
    server = createServer(express().use(page(folder)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function fetched(path: string, takes: string): Promise<IncomingMessage & { readonly body: Buffer }> {
    const { port } = server.address() as AddressInfo;
    const request = get({ port, path, headers: { 'accept-encoding': takes } });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return Object.assign(answer, { body: await buffer(answer) });
  }

  it.each([
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['identity', undefined, asIs],
  ] as const)('travel compressed for who takes %s', async (takes, coding, unpacked) => {
    const { headers, body } = await fetched('/assets/main-1.js', takes);
    expect(headers['content-encoding']).toBe(coding);
    expect(headers['content-type']).toBe('text/javascript');
    expect(headers.vary).toBe('Accept-Encoding');
    expect(headers['cache-control']).toBe('public,max-age=31536000,immutable');
    expect(unpacked(body).equals(script)).toBe(true);
  });

  it('give the document at every view, which is asked for anew each time', async () => {
    for (const path of ['/', '/view/00000000000000000000000000000000', '/worklist']) {
      const { headers, body } = await fetched(path, 'br');
      expect(body.toString(), path).toBe('<!doctype html>');
      expect(headers['cache-control']).toBe('no-cache');
    }
  });
});
