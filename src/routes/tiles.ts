import { Router, type Request, type Response } from 'express';
import type { Metrics } from '../tiles/metrics.ts';
import type { Tile } from '../tiles/tile-cache.ts';
import { geometryOf } from '../tiles/deep-zoom-tiles.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { SlideIdParam, ThumbnailQuery, TilePathParams } from './params.ts';
import { dziXml } from '../pyramid/deep-zoom.ts';
import { ServiceError } from '../core/errors.ts';
import { immutable, sendTile } from './send-tile.ts';

/** Tiles, thumbnails, associated images and the Deep Zoom description. Reads only; open to whoever reaches the service. */
export function tileRoutes(tiles: TileService, metrics: Metrics): Router {
  const router = Router();
  const send = (req: Request, res: Response, tile: Tile) => {
    metrics.countTile(tile.path);
    sendTile(req, res, tile);
  };

  router.get('/slides/:id/levels/:level/:"column"_:"row".jpg', async (req, res) => {
    const { id, level, column, row } = TilePathParams.parse(req.params);
    send(req, res, await tiles.slideTile(id, level, column, row));
  });

  router.get('/slides/:"id"_files/:level/:"column"_:"row".jpg', async (req, res) => {
    const { id, level, column, row } = TilePathParams.parse(req.params);
    send(req, res, await tiles.deepZoomTile(id, { level, column, row }));
  });

  router.get('/slides/:id/thumbnail.jpg', async (req, res) => {
    const id = SlideIdParam.parse(req.params.id);
    const { width } = ThumbnailQuery.parse(req.query);
    sendTile(req, res, await tiles.thumbnail(id, width));
  });

  router.get('/slides/:id/associated/:name.jpg', async (req, res) => {
    const id = SlideIdParam.parse(req.params.id);
    sendTile(req, res, await tiles.associated(id, req.params.name));
  });

  router.get('/slides/:id.dzi', async (req, res) => {
    const slide = await tiles.open(SlideIdParam.parse(req.params.id));
    res
      .set('Cache-Control', immutable)
      .type('application/xml')
      .send(dziXml(geometryOf(slide)));
  });

  router.get('/slides/:id/icc', async (req, res) => {
    const slide = await tiles.open(SlideIdParam.parse(req.params.id));
    if (slide.index.icc === undefined)
      throw new ServiceError('not-found', `slide ${slide.id} has no ICC profile`);
    res.set('Cache-Control', immutable).type('application/vnd.iccprofile').send(slide.index.icc);
  });
  return router;
}
