import { may, type Action } from '../auth/policy.ts';
import type { SlideAccess } from '../auth/slide-access.ts';
import { ServiceError } from '../core/errors.ts';
import { dziXml } from '../pyramid/deep-zoom.ts';
import { geometryOf } from '../tiles/deep-zoom-tiles.ts';
import type { Metrics } from '../tiles/metrics.ts';
import type { Tile } from '../tiles/tile-cache.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { content, jpeg } from './answers.ts';
import { readingFails, renderingFails, tileFails } from './failures.ts';
import {
  AssociatedParams,
  DeepZoomTileParams,
  NoParams,
  SlideParams,
  SlideTileParams,
  ThumbnailQuery,
} from './params.ts';
import { ofAnOpening, planeRoutes, type FindSlide } from './plane-tiles.ts';
import { route, type Route } from './route.ts';
import { immutable } from './send-tile.ts';

/** What the routes of tiles stand on. */
export interface TileRouteParts {
  readonly tiles: TileService;
  readonly metrics: Metrics;
  readonly access: SlideAccess;
}

/** Tiles, thumbnails, associated images and the Deep Zoom description. */
export function tileRoutes({ tiles, metrics, access }: TileRouteParts): readonly Route[] {
  const subjectOf =
    (action: Action): FindSlide =>
    ({ id }, principal) =>
      access.subjectFor(id, (slide) => may(principal, action, slide));
  const seen = subjectOf('slide.view');
  return [
    ...tilesOf(tiles, metrics, seen),
    ...planeRoutes(tiles, metrics, seen),
    thumbnailOf(tiles, seen),
    ...associatedOf(tiles, seen, subjectOf('slide.label')),
    ...documentsOf(tiles, seen),
  ];
}

function tilesOf(tiles: TileService, metrics: Metrics, subject: FindSlide): readonly Route[] {
  const counted = (tile: Tile) => {
    metrics.countTile(tile.path);
    return tile;
  };
  return [
    route({
      name: 'getSlideTile',
      topic: 'Pictures',
      method: 'get',
      path: '/slides/:id/levels/:level/:"column"_:"row".jpg',
      action: 'slide.view',
      subject,
      audit: ofAnOpening,
      summary: 'One of the slide’s own tiles',
      description:
        'Exactly the scanner’s bytes where the file holds JPEG tiles. Tiles at the right and bottom edge are padded to full size; where nothing was scanned the tile is plain background.',
      params: SlideTileParams,
      query: NoParams,
      answer: jpeg('The tile, of the level’s full tile size.'),
      fails: tileFails,
      respond: async ({ params: { id, ...place } }) => counted(await tiles.slideTile({ id }, place)),
    }),
    route({
      name: 'getDeepZoomTile',
      topic: 'Pictures',
      method: 'get',
      path: '/slides/:"id"_files/:level/:"column"_:"row".jpg',
      action: 'slide.view',
      subject,
      audit: ofAnOpening,
      summary: 'A Deep Zoom tile',
      description:
        'Of the strict Deep Zoom pyramid: each level twice the one before, edge tiles cropped to their level.',
      params: DeepZoomTileParams,
      query: NoParams,
      answer: jpeg('The tile, cropped to its level at the right and bottom edge.'),
      fails: { ...tileFails, ...renderingFails },
      respond: async ({ params: { id, ...place } }) => counted(await tiles.deepZoomTile({ id }, place)),
    }),
  ];
}

function thumbnailOf(tiles: TileService, subject: FindSlide): Route {
  return route({
    name: 'getThumbnail',
    topic: 'Pictures',
    method: 'get',
    path: '/slides/:id/thumbnail.jpg',
    action: 'slide.view',
    subject,
    audit: { none: 'shown beside its name in the list' },
    summary: 'The whole slide as a small picture',
    params: SlideParams,
    query: ThumbnailQuery,
    answer: jpeg(
      'The picture; its longest side has the width asked for, or the slide’s own where that is less.',
    ),
    fails: { ...readingFails, ...renderingFails, invalid: 'width: must be between 16 and 1024' },
    respond: ({ params, query }) => tiles.thumbnail(params.id, query.width),
  });
}

/** What is said of a picture that a slide does not have, for an example. */
const missing = (name: string, others: string) =>
  `slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854 has no associated image ${name} (it has: ${others})`;

/** The scanner's pictures: a label can name the patient, and a macro can show the label. */
function associatedOf(tiles: TileService, seen: FindSlide, named: FindSlide): readonly Route[] {
  const answer = jpeg('The picture, no side longer than 2,048 px.');
  const common = { topic: 'Pictures', method: 'get', query: NoParams, answer } as const;
  return [
    route({
      ...common,
      name: 'getScannerThumbnail',
      path: '/slides/:id/associated/thumbnail.jpg',
      action: 'slide.view',
      subject: seen,
      audit: ofAnOpening,
      summary: 'Thumbnail as the scanner made it',
      params: SlideParams,
      fails: { ...readingFails, ...renderingFails, 'not-found': missing('thumbnail', 'label, macro') },
      respond: ({ params: { id } }) => tiles.associated(id, 'thumbnail'),
    }),
    route({
      ...common,
      name: 'getAssociatedImage',
      path: '/slides/:id/associated/:name.jpg',
      action: 'slide.label',
      subject: named,
      summary: 'Label or macro as the scanner made it',
      description:
        'A label can name the patient, and a macro can show the label: not for those it is shared with.',
      params: AssociatedParams,
      fails: { ...readingFails, ...renderingFails, 'not-found': missing('macro', 'thumbnail, label') },
      respond: ({ params: { id, name } }) => tiles.associated(id, name),
    }),
  ];
}

function documentsOf(tiles: TileService, subject: FindSlide): readonly Route[] {
  return [
    route({
      name: 'getDeepZoom',
      topic: 'Pictures',
      method: 'get',
      path: '/slides/:id.dzi',
      action: 'slide.view',
      subject,
      summary: 'Deep Zoom description, for OpenSeadragon and other viewers',
      params: SlideParams,
      query: NoParams,
      answer: content('application/xml', {
        description: 'Size of the slide and of its tiles.',
        cache: immutable,
        example: dziXml({ size: { width: 2220, height: 2967 }, tileSize: 240 }),
      }),
      fails: readingFails,
      respond: async ({ params }) => dziXml(geometryOf(await tiles.open(params.id))),
    }),
    route({
      name: 'getIccProfile',
      topic: 'Pictures',
      method: 'get',
      path: '/slides/:id/icc',
      action: 'slide.view',
      subject,
      audit: ofAnOpening,
      summary: 'The scanner’s ICC profile',
      params: SlideParams,
      query: NoParams,
      answer: content('application/vnd.iccprofile', {
        description: 'The profile as the file holds it.',
        cache: immutable,
      }),
      fails: { ...readingFails, 'not-found': 'slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854 has no ICC profile' },
      respond: async ({ params }) => {
        const { id, index } = await tiles.open(params.id);
        if (index.icc === undefined) throw new ServiceError('not-found', `slide ${id} has no ICC profile`);
        return index.icc;
      },
    }),
  ];
}
