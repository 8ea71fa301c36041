import type OpenSeadragon from 'openseadragon';

/** A tile that could not be loaded, as tests and the badge see it. */
export interface FailedTile {
  /** Position in the drawn levels, coarse to fine. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly reason: string;
}

/** Keeps account of tiles that could not be loaded, marks their places, and asks for them again. */
export interface FailedTiles {
  /** All that failed and were not asked for again since. */
  list(): readonly FailedTile[];
  /** Those in view at the level that belongs on the screen: where the picture is coarser than it should be. */
  inView(): readonly FailedTile[];
  /** Asks for all of them again. */
  retry(): void;
}

interface Failure {
  readonly tile: OpenSeadragon.Tile;
  readonly reason: string;
  readonly mark: HTMLElement;
}

/**
 * Watches a viewer's tiles.
 *
 * OpenSeadragon would go on showing a coarser level in their place, which looks like an out-of-focus spot of the
 * slide; so each place is hatched.
 *
 * @param wanted position of the level that belongs on the screen now
 * @param changed called when `inView` may give something else
 */
export function watchFailedTiles(
  viewer: OpenSeadragon.Viewer,
  wanted: () => number,
  changed: () => void,
): FailedTiles {
  const failures = new Map<OpenSeadragon.Tile, Failure>();

  const show = () => {
    const level = wanted();
    for (const { tile, mark } of failures.values()) mark.hidden = tile.level !== level;
    changed();
  };
  viewer.addHandler('tile-load-failed', ({ tile, message }) => {
    if (failures.has(tile) || viewer.world.getItemCount() === 0) return;
    failures.set(tile, { tile, reason: message, mark: addMark(viewer, tile, message) });
    show();
  });
  viewer.addHandler('tile-loaded', ({ tile }) => {
    if (forget(viewer, failures, tile)) show();
  });
  viewer.addHandler('zoom', show);
  viewer.addHandler('animation-finish', show);
  viewer.addHandler('resize', show);

  return {
    list: () => [...failures.values()].map(described),
    inView() {
      const bounds = viewer.viewport.getBounds(true);
      const level = wanted();
      return [...failures.values()]
        .filter(({ tile }) => tile.level === level && bounds.intersection(tile.bounds) !== null)
        .map(described);
    },
    retry() {
      for (const { tile } of failures.values()) {
        forget(viewer, failures, tile);
        tile.exists = true;
      }
      // Only a change of the image makes OpenSeadragon look for missing tiles again: set the clip to what it is.
      const image = viewer.world.getItemAt(0);
      image?.setClip(image.getClip());
      show();
    },
  };
}

function described({ tile, reason }: Failure): FailedTile {
  return { level: tile.level, column: tile.x, row: tile.y, reason };
}

function forget(
  viewer: OpenSeadragon.Viewer,
  failures: Map<OpenSeadragon.Tile, Failure>,
  tile: OpenSeadragon.Tile,
): boolean {
  const failure = failures.get(tile);
  if (failure === undefined) return false;
  viewer.removeOverlay(failure.mark);
  return failures.delete(tile);
}

function addMark(viewer: OpenSeadragon.Viewer, tile: OpenSeadragon.Tile, reason: string): HTMLElement {
  const mark = document.createElement('div');
  mark.className = 'failed-tile';
  mark.title = `This part could not be loaded: ${reason}`;
  viewer.addOverlay({ element: mark, location: tile.bounds.clone(), checkResize: false });
  return mark;
}
