import type OpenSeadragon from 'openseadragon';
import { lineSpeed } from './line-speed.ts';

/** A tile as OpenSeadragon compares it; null where there is none. */
type Waiting = { readonly level: number; readonly squaredDistance: number } | null;

/** The one place where OpenSeadragon decides which tiles come first: it has no option for it. */
interface Inner {
  _sortTilesComparator: (a: Waiting, b: Waiting) => number;
}

/**
 * Chooses which tiles are asked for first. OpenSeadragon begins with the coarsest level, so that there is something to
 * see, and the sharp tiles wait for a third as many others. On a fast line they come first, from the middle outwards,
 * and the coarser ones, which are seen when zooming out, after them. Until the line is known it is taken for fast,
 * because the slide's small picture is there meanwhile.
 */
export function orderByLine(osd: OpenSeadragon.Viewer): void {
  osd.world.addHandler('add-item', ({ item }) => {
    // A private method of a pinned release; the browser test fails when it is no longer called.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types leave it out
    const inner = item as unknown as Inner;
    const coarseFirst = inner._sortTilesComparator.bind(inner);
    inner._sortTilesComparator = (a, b) =>
      lineSpeed.isFast === false ? coarseFirst(a, b) : sharpFirst(a, b);
  });
}

function sharpFirst(a: Waiting, b: Waiting): number {
  if (a === null) return 1;
  if (b === null) return -1;
  return b.level - a.level || a.squaredDistance - b.squaredDistance;
}
