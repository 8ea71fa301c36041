import type { RequestListener } from 'node:http';
import type { Metrics } from '../tiles/metrics.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { sendTile } from './send-tile.ts';

/**
 * Answers tiles that are in memory before Express sees the request; all else goes on to the application.
 *
 * Measured (bench, serve): Express takes about four times as long for the same answer.
 */
export function withFastPath(tiles: TileService, metrics: Metrics, app: RequestListener): RequestListener {
  return (req, res) => {
    const started = performance.now();
    const { url, method } = req;
    const isRead = method === 'GET' || method === 'HEAD';
    const tile = isRead && url !== undefined ? tiles.ready(url) : undefined;
    if (tile === undefined) {
      app(req, res);
      return;
    }
    metrics.countTile(tile.path);
    sendTile(req, res, tile);
    metrics.observeReady((performance.now() - started) / 1000);
  };
}
