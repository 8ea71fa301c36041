import type { RequestListener } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Metrics } from '../tiles/metrics.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { sendTile } from './send-tile.ts';

/** What the fast path stands on. */
export interface FastPathParts {
  readonly tiles: TileService;
  readonly metrics: Metrics;
  readonly authenticator: Authenticator;
}

/** The id in the URL of a tile, which begins `/slides/<id>`. */
function slideIdIn(url: string): string {
  return url.slice(8, 40);
}

/**
 * Answers tiles that are in memory before Express sees the request; all else goes on to the application.
 *
 * Measured (bench, serve): Express takes about four times as long for the same answer.
 */
export function withFastPath(
  { tiles, metrics, authenticator }: FastPathParts,
  app: RequestListener,
): RequestListener {
  return (req, res) => {
    const started = performance.now();
    const { url, method } = req;
    const isRead = method === 'GET' || method === 'HEAD';
    const tile = isRead && url !== undefined ? tiles.ready(url) : undefined;
    if (tile === undefined || url === undefined || !authenticator.mayViewNow(req, slideIdIn(url))) {
      app(req, res);
      return;
    }
    metrics.countTile(tile.path);
    sendTile(req, res, tile);
    metrics.observeReady((performance.now() - started) / 1000);
  };
}
