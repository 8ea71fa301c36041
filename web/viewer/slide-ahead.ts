import { canBeViewed, getSlide, isViewable, type Slide } from '../api.ts';
import { tilesIn } from './ahead-plan.ts';
import { keptTiles } from './kept-tiles.ts';
import { tileUrl } from './look-ahead.ts';
import { drawnLevels, wantedLevel, type Box } from './tile-geometry.ts';
import { zoomFor } from './magnification.ts';

/** A description that was fetched ahead. */
interface KnownSlide {
  readonly slide: Slide;
  /** Whether it was fetched a moment ago, to be opened: then it need not be asked for again. */
  readonly isFresh: boolean;
}

/** How long a description is fresh, ms. */
const freshMs = 5000;

/** Descriptions of slides that were asked for before they are opened. */
const known = new Map<string, { readonly slide: Slide; readonly at: number }>();

/** Most descriptions kept. */
const mostKnown = 8;

/** A slide's description, if it was fetched ahead. */
export function descriptionAhead(id: string): KnownSlide | undefined {
  const found = known.get(id);
  return found && { slide: found.slide, isFresh: performance.now() - found.at < freshMs };
}

/** Forgets all that was fetched ahead: the viewer is left. */
export function forgetAhead(): void {
  known.clear();
  keptTiles.clear();
}

/**
 * Fetches the description of a slide that will probably be opened next. It counts as opened in the audit: whoever has
 * it could look at the slide. One that is still being sent is left alone, because what has come of it changes.
 *
 * @throws {ApiError}
 */
export async function fetchSlideAhead(id: string, signal: AbortSignal): Promise<Slide | undefined> {
  const here = known.get(id);
  if (here !== undefined) return here.slide;
  const slide = await getSlide(id, signal);
  if (!isViewable(slide) || !canBeViewed(slide.state) || slide.state.kind === 'receiving') return undefined;
  known.set(id, { slide, at: performance.now() });
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) break;
    known.delete(oldest);
  }
  return slide;
}

/** How a slide will be looked at when it is opened. */
export interface Arrival {
  /** Of the stage, CSS px. */
  readonly stage: { readonly width: number; readonly height: number };
  readonly pixelRatio: number;
  /** At which it will be shown around its middle; undefined: the whole slide. */
  readonly magnification: number | undefined;
}

/** Addresses of what is seen first of a slide: its coarse levels, then the field it is opened at. */
export function firstTiles(slide: Slide, { stage, pixelRatio, magnification }: Arrival): string[] {
  const levels = drawnLevels(slide);
  const { width, height } = slide.size;
  const aspect = height / width;
  const whole = Math.min(stage.width / width, stage.height / height);
  const zoom =
    magnification === undefined || slide.mpp === undefined ? whole : zoomFor(magnification, slide.mpp);
  const seen: Box = {
    left: 0.5 - stage.width / zoom / width / 2,
    top: aspect / 2 - stage.height / zoom / width / 2,
    width: stage.width / zoom / width,
    height: stage.height / zoom / width,
  };
  const all: Box = { left: 0, top: 0, width: 1, height: aspect };
  const homeLevel = wantedLevel(levels, width, whole * pixelRatio);
  const fieldLevel = wantedLevel(levels, width, zoom * pixelRatio);
  const coarse = levels.slice(0, homeLevel + 1).flatMap((_, level) => tilesIn(levels, aspect, level, all));
  const field = levels
    .map((_, level) => level)
    .filter((level) => level > homeLevel && level <= fieldLevel)
    .flatMap((level) => tilesIn(levels, aspect, level, seen));
  return [...coarse, ...field].map((tile) => tileUrl(levels, tile));
}
