import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tile } from '../tiles/tile-cache.ts';

/** All that is below a slide's id never changes. */
export const immutable = 'private, max-age=31536000, immutable';

/** Sends a JPEG, or 304 when the client has it. */
export function sendTile(req: IncomingMessage, res: ServerResponse, tile: Tile): void {
  const { jpeg, etag } = tile;
  if (hasTag(req.headers['if-none-match'], etag)) {
    res.writeHead(304, ['ETag', etag, 'Cache-Control', immutable]);
    res.end();
    return;
  }
  res.writeHead(200, {
    'Content-Type': 'image/jpeg',
    'Content-Length': jpeg.length,
    ETag: etag,
    'Cache-Control': immutable,
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(req.method === 'HEAD' ? undefined : jpeg);
}

/** Whether an If-None-Match header names this tag (weakly compared, as RFC 9110 has it). */
function hasTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
