import type { Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { dziXml } from '../pyramid/deep-zoom.ts';
import { geometryOf } from '../tiles/deep-zoom-tiles.ts';
import type { Metrics } from '../tiles/metrics.ts';
import type { Tile } from '../tiles/tile-cache.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { content, jpeg } from './answers.ts';
import { readingFails, renderingFails, tileFails } from './failures.ts';
import { NoParams, PlaneDeepZoomTileParams, PlaneParams, PlaneTileParams } from './params.ts';
import { route, type Route } from './route.ts';
import { immutable } from './send-tile.ts';

/** Whoever knows which tiles there are has opened the slide, and that was recorded. */
export const ofAnOpening = { none: 'part of an opening' } as const;

/** Finds what a route is about by the slide's id in its path. */
export type FindSlide = (
  params: { readonly id: string },
  principal: Principal,
) => Promise<Subject | undefined>;

const noPlane = 'no focal plane 2: the slide has one, 0';

/** The focal planes of a stack: each is to be had as the slide is. */
export function planeRoutes(tiles: TileService, metrics: Metrics, subject: FindSlide): readonly Route[] {
  const counted = (tile: Tile) => {
    metrics.countTile(tile.path);
    return tile;
  };
  const common = {
    topic: 'Pictures',
    method: 'get',
    action: 'slide.view',
    query: NoParams,
    subject,
  } as const;
  return [
    route({
      ...common,
      name: 'getPlaneTile',
      path: '/slides/:id/planes/:plane/levels/:level/:"column"_:"row".jpg',
      audit: ofAnOpening,
      summary: 'One of a focal plane’s own tiles',
      description:
        'As the slide’s own tile, of one plane of its focal stack; planes are cut alike. The base plane is the slide itself.',
      params: PlaneTileParams,
      answer: jpeg('The tile, of the level’s full tile size.'),
      fails: { ...tileFails, 'not-found': noPlane },
      respond: async ({ params: { id, plane, ...place } }) =>
        counted(await tiles.slideTile({ id, plane }, place)),
    }),
    route({
      ...common,
      name: 'getPlaneDeepZoomTile',
      path: '/slides/:id/planes/:"plane"_files/:level/:"column"_:"row".jpg',
      audit: ofAnOpening,
      summary: 'A Deep Zoom tile of a focal plane',
      params: PlaneDeepZoomTileParams,
      answer: jpeg('The tile, cropped to its level at the right and bottom edge.'),
      fails: { ...tileFails, ...renderingFails, 'not-found': noPlane },
      respond: async ({ params: { id, plane, ...place } }) =>
        counted(await tiles.deepZoomTile({ id, plane }, place)),
    }),
    route({
      ...common,
      name: 'getPlaneDeepZoom',
      path: '/slides/:id/planes/:plane.dzi',
      summary: 'Deep Zoom description of a focal plane',
      params: PlaneParams,
      answer: content('application/xml', {
        description: 'Size of the slide and of its tiles: the same for all planes.',
        cache: immutable,
        example: dziXml({ size: { width: 2220, height: 2967 }, tileSize: 240 }),
      }),
      fails: { ...readingFails, 'not-found': noPlane },
      respond: async ({ params }) => dziXml(geometryOf(await tiles.openPlane(params))),
    }),
  ];
}
