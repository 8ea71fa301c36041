import { Router } from 'express';
import { gridOf } from '../core/geometry.ts';
import { ServiceError } from '../core/errors.ts';
import type { Catalogue, SlideRecord } from '../db/catalogue.ts';
import type { Intake } from '../ingest/intake.ts';
import type { OpenSlide } from '../tiles/library.ts';
import { geometryOf } from '../tiles/deep-zoom-tiles.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { SlideIdParam, UploadQuery } from './params.ts';

/** What the routes of slides stand on. */
export interface SlideRouteParts {
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
  readonly intake: Intake;
}

/** The list of slides, one slide's description, and the door through which a slide comes in. */
export function slideRoutes({ catalogue, tiles, intake }: SlideRouteParts): Router {
  const router = Router();

  router.get('/slides', async (_req, res) => {
    const records = await catalogue.list();
    const slides = await Promise.all(records.map((record) => summary(record, tiles)));
    res.set('Cache-Control', 'no-store').json({ slides });
  });

  router.post('/slides', async (req, res) => {
    const { name } = UploadQuery.parse(req.query);
    const declared = req.headers['content-length'];
    const record = await intake.receive(name, req, declared === undefined ? undefined : Number(declared));
    res.status(201).location(`/slides/${record.id}.json`).json({ id: record.id });
  });

  router.get('/slides/:id.json', async (req, res) => {
    const record = await catalogue.get(SlideIdParam.parse(req.params.id));
    if (record === undefined) throw new ServiceError('not-found', `no slide ${req.params.id}`);
    const { id, name, state } = record;
    const details = state.kind === 'viewable' ? describe(await tiles.open(id)) : {};
    res.set('Cache-Control', 'no-cache').json({ id, name, state, ...details });
  });
  return router;
}

/** One row of the list. A slide whose index cannot be read is listed as failed, not left out. */
async function summary(record: SlideRecord, tiles: TileService): Promise<object> {
  if (record.state.kind !== 'viewable') return record;
  try {
    const { properties } = (await tiles.open(record.id)).index;
    const { size, mpp, objectivePower, vendor } = properties;
    return { ...record, size, mpp, objectivePower, vendor };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { ...record, state: { kind: 'failed', reason: error.message } };
  }
}

/** What a viewer needs to know of a slide, and nothing that names a patient. */
function describe(slide: OpenSlide): object {
  const { properties, levels, associated, icc } = slide.index;
  const geometry = geometryOf(slide);
  return {
    ...properties,
    levels: levels.map(({ size, tileSize, downsample, origin }, level) => {
      const { columns, rows } = gridOf(size, tileSize);
      return {
        level,
        ...size,
        downsample,
        tileWidth: tileSize.width,
        tileHeight: tileSize.height,
        columns,
        rows,
        origin,
      };
    }),
    deepZoom: { tileSize: geometry.tileSize, maxLevel: geometry.maxLevel },
    associated: associated.map(({ name, size }) => ({ name, ...size })),
    icc: icc !== undefined,
  };
}
