import type OpenSeadragon from 'openseadragon';

/** What OpenSeadragon 6.1 works with inside and its types leave out. */
interface Inner {
  _positionTile(tile: PlacedTile, ...rest: unknown[]): void;
}

interface PlacedTile {
  position: { x: number; y: number };
  size: { x: number; y: number };
}

/**
 * Lets the 2D canvas draw each tile from one whole screen pixel to another, so that at 1:1 the screen shows the
 * slide's own pixels, untouched, and neighbours meet without a seam at every zoom.
 *
 * By itself OpenSeadragon draws each tile a pixel too large to hide seams, which smears every tile a little. Where
 * the picture is turned by other than quarter turns that is still needed. WebGL draws exactly as it is.
 */
export function drawOnWholePixels(osd: OpenSeadragon.Viewer): void {
  if (osd.drawer.getType() !== 'canvas') return;
  const isTurned = () => osd.viewport.getRotation(true) % 90 !== 0;
  Object.assign(osd.drawer, { minimumOverlapRequired: isTurned });
  osd.world.addHandler('add-item', ({ item }) => {
    // A private method of a pinned release; the browser test fails when it is no longer called.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types leave it out
    const inner = item as unknown as Inner;
    const place = inner._positionTile.bind(inner);
    inner._positionTile = (tile, ...rest) => {
      place(tile, ...rest);
      if (!isTurned()) snap(tile, globalThis.devicePixelRatio);
    };
  });
}

/** Moves a tile's edges to the nearest whole device pixels. */
export function snap(tile: PlacedTile, devicePixelRatio: number): void {
  // A tile ends where its neighbour begins, but for rounding: an edge half way between two pixels goes one way for both.
  const whole = (cssPx: number) => Math.floor(cssPx * devicePixelRatio + 0.5 + 1e-4) / devicePixelRatio;
  const { position, size } = tile;
  const left = whole(position.x);
  const top = whole(position.y);
  const right = whole(position.x + size.x);
  const bottom = whole(position.y + size.y);
  Object.assign(position, { x: left, y: top });
  Object.assign(size, { x: right - left, y: bottom - top });
}
