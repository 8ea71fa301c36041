/**
 * `node bench/bare-server.ts FOLDER memory|file`: what Node itself costs. An HTTP server of node:http that knows nobody
 * and no slide: it looks a path up in a table and sends the bytes, kept in memory or read from one file each time.
 *
 * FOLDER holds `tiles.bin` and `tiles.json`, a table of [path, offset, length]. Prints `ready: http://127.0.0.1:port`.
 */
import { openSync, readFileSync, readSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';

const [folder = '', mode] = process.argv.slice(2);
const Table = z.array(z.tuple([z.string(), z.int(), z.int()]));
const table = Table.parse(JSON.parse(readFileSync(join(folder, 'tiles.json'), 'utf8')));
const file = openSync(join(folder, 'tiles.bin'), 'r');

function bytesAt(offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  readSync(file, bytes, 0, length, offset);
  return bytes;
}

const kept = new Map(
  mode === 'memory' ? table.map(([path, offset, length]) => [path, bytesAt(offset, length)]) : [],
);
const places = new Map(table.map(([path, offset, length]) => [path, { offset, length }]));

const server = createServer((req, res) => {
  const path = req.url ?? '';
  const place = places.get(path);
  const bytes = kept.get(path) ?? (place && bytesAt(place.offset, place.length));
  if (bytes === undefined) return res.writeHead(404).end();
  res.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': bytes.length });
  return res.end(bytes);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    process.stdout.write(`ready: http://127.0.0.1:${address.port}\n`);
});
