import type OpenSeadragon from 'openseadragon';
import type { Presence } from './presence.ts';
import { stillArriving } from './tile-fetch.ts';

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
  /** How many tiles in view at that level are still being sent by the lab. */
  arrivingInView(): number;
  /** Asks for all that failed again. */
  retry(): void;
  /** Asks again for tiles that were still arriving, where that may help now. */
  askForArrived(presence: (level: number, column: number, row: number) => Presence): void;
  /** Shows the marks of what is looked at now: call it when that is another focal plane. */
  refresh(): void;
}

interface Failure {
  readonly tile: OpenSeadragon.Tile;
  reason: string;
  readonly mark: HTMLElement;
  /** When it was asked for last: rounds of asking, counted. */
  askedIn: number;
}

/** What a watch of failed tiles asks and tells. */
export interface FailedTilesAround {
  /** Called when `inView` may give something else. */
  readonly changed: () => void;
  /** The image that is looked at: a focal plane, where there are several. */
  readonly seen: () => OpenSeadragon.TiledImage | undefined;
}

/** Tiles of which nobody knows whether they have arrived that are asked for in one round. */
const mostGuesses = 12;

/**
 * Watches a viewer's tiles.
 *
 * OpenSeadragon would go on showing a coarser level in their place, which looks like an out-of-focus spot of the
 * slide; so each place is marked: hatched where it failed, dotted where it is still on its way from the lab.
 *
 * @param wanted position of the level that belongs on the screen now
 */
export function watchFailedTiles(
  viewer: OpenSeadragon.Viewer,
  wanted: () => number,
  { changed, seen }: FailedTilesAround,
): FailedTiles {
  const failures = new Map<OpenSeadragon.Tile, Failure>();
  let round = 0;

  const show = () => {
    const level = wanted();
    for (const { tile, mark } of failures.values())
      mark.hidden = tile.level !== level || tile.tiledImage !== seen();
    changed();
  };
  const noteFailure = (tile: OpenSeadragon.Tile, reason: string) => {
    if (viewer.world.getItemCount() === 0) return;
    const known = failures.get(tile);
    if (known === undefined)
      failures.set(tile, { tile, reason, mark: addMark(viewer, tile), askedIn: round });
    const failure = known ?? failures.get(tile);
    if (failure === undefined) return;
    failure.reason = reason;
    describeMark(failure);
    show();
  };
  viewer.addHandler('tile-load-failed', ({ tile, message }) => noteFailure(tile, message));
  viewer.addHandler('tile-loaded', ({ tile }) => {
    if (forget(viewer, failures, tile)) show();
  });
  viewer.addHandler('zoom', show);
  viewer.addHandler('animation-finish', show);
  viewer.addHandler('resize', show);

  const inView = () => {
    const bounds = viewer.viewport.getBounds(true);
    const level = wanted();
    return [...failures.values()].filter(
      ({ tile }) =>
        tile.level === level && tile.tiledImage === seen() && bounds.intersection(tile.bounds) !== null,
    );
  };
  return {
    list: () => [...failures.values()].filter((failure) => !isArriving(failure)).map(described),
    inView: () =>
      inView()
        .filter((failure) => !isArriving(failure))
        .map(described),
    refresh: show,
    arrivingInView: () => inView().filter(isArriving).length,
    retry() {
      const failed = [...failures.values()].filter((failure) => !isArriving(failure));
      for (const { tile } of failed) forget(viewer, failures, tile);
      askAgain(failed);
      show();
    },
    askForArrived(presence) {
      round++;
      const isHere = ({ tile }: Failure) => presence(tile.level, tile.x, tile.y) === 'here';
      const arriving = [...failures.values()].filter(isArriving);
      const come = arriving.filter(isHere);
      for (const { tile } of come) forget(viewer, failures, tile);
      const guesses = inView().filter((failure) => {
        const { level, x, y } = failure.tile;
        return isArriving(failure) && presence(level, x, y) !== 'missing';
      });
      const asked = guesses.toSorted((a, b) => a.askedIn - b.askedIn).slice(0, mostGuesses);
      for (const failure of asked) failure.askedIn = round;
      if (come.length + asked.length > 0) askAgain([...come, ...asked]);
      if (come.length > 0) show();
    },
  };
}

/** Lets OpenSeadragon load tiles that it took for missing. */
function askAgain(failures: readonly Failure[]): void {
  for (const { tile } of failures) tile.exists = true;
  // Only a change of the image makes OpenSeadragon look for missing tiles again: set the clip to what it is.
  for (const image of new Set(failures.map(({ tile }) => tile.tiledImage))) image?.setClip(image.getClip());
}

function isArriving({ reason }: Failure): boolean {
  return reason === stillArriving;
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

function addMark(viewer: OpenSeadragon.Viewer, tile: OpenSeadragon.Tile): HTMLElement {
  const mark = document.createElement('div');
  viewer.addOverlay({ element: mark, location: tile.bounds.clone(), checkResize: false });
  return mark;
}

function describeMark({ mark, reason }: Failure): void {
  const isOnItsWay = reason === stillArriving;
  mark.classList.toggle('arriving-tile', isOnItsWay);
  mark.classList.toggle('failed-tile', !isOnItsWay);
  mark.title = isOnItsWay
    ? 'This part is still being sent by the lab'
    : `This part could not be loaded: ${reason}`;
}
