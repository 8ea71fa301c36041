import type { DeepZoomTiles } from '../pyramid/export-dzi.ts';
import { geometryOf } from './deep-zoom-tiles.ts';
import type { OpenSlide } from './library.ts';
import type { TileService } from './tile-service.ts';

/** A slide's Deep Zoom tiles and pictures as an exporter wants them. */
export function deepZoomTilesOf(slide: OpenSlide, tiles: TileService): DeepZoomTiles {
  return {
    geometry: geometryOf(slide),
    properties: slide.index.properties,
    associated: slide.index.associated.map(({ name }) => name),
    tile: async (level, column, row) => (await tiles.deepZoomTile(slide, { level, column, row })).jpeg,
    picture: async (name) => (await tiles.associated(slide.id, name)).jpeg,
  };
}
