import OpenSeadragon from 'openseadragon';
import type { LevelArrival, Slide } from '../api.ts';
import { normalDegrees, type View } from './deep-link.ts';
import { watchFailedTiles, type FailedTiles } from './failed-tiles.ts';
import { FocusViewer, type Focus } from './focus.ts';
import { glideAfterDrag, glideFrom, glideMomentum } from './glide.ts';
import { orderByLine } from './load-order.ts';
import { lookAhead, type LookAhead } from './look-ahead.ts';
import { turnByPinch } from './pinch-rotation.ts';
import { presenceOf } from './presence.ts';
import { settledQuestion, sharpQuestion } from './settled.ts';
import {
  drawnLevels,
  leastPixelRatio,
  levelsOfPlane,
  wantedLevel,
  type DrawnLevel,
} from './tile-geometry.ts';
import { tileSourceOf } from './tile-source.ts';
import { drawOnWholePixels } from './whole-pixels.ts';

/** Where and how a slide is shown. */
export interface Surroundings {
  readonly stage: HTMLElement;
  /** Where an overview is drawn; absent: nowhere. */
  readonly navigator?: HTMLElement;
  /** Draw with the 2D canvas even where WebGL works. */
  readonly usesCanvas: boolean;
  /** No gliding: the person asked their system for less motion. */
  readonly isCalm: boolean;
  /** Part of memory and connections that is this viewer's, where several are open; 1 unless told. */
  readonly share?: number;
}

/** A slide on the screen, and what can be done to it. */
export interface SlideViewer {
  readonly osd: OpenSeadragon.Viewer;
  readonly failed: FailedTiles;
  /** Takes note of what has arrived of a slide that is still being sent, and asks for it; undefined: all has. */
  arrive(arriving: readonly LevelArrival[] | undefined): void;
  /** The levels that are drawn, coarse to fine. */
  readonly levels: readonly DrawnLevel[];
  readonly ahead: LookAhead;
  /** Absent where the slide has one focal plane. */
  readonly focus?: Focus;
  /** Whether the coarsest level is drawn wherever nothing finer is. */
  readonly hasCoarsest: () => boolean;
  /** Every tile in view, at the level that belongs on the screen, is drawn. */
  readonly isSettled: () => boolean;
  /** What is on the screen at this moment. */
  view(): View;
  /** What will be on the screen once it has stopped gliding. */
  destination(): View;
  /** CSS px per slide px with the whole slide in view, and the least and most that can be reached. */
  zoomLimits(): { readonly home: number; readonly min: number; readonly max: number };
  /** Shows a view; its focal plane, too, where it names one. */
  show(view: View, immediately: boolean): void;
  zoomTo(zoom: number): void;
  zoomBy(factor: number): void;
  /** Moves by parts of the screen: 0.25 is a quarter of it. */
  panBy(right: number, down: number): void;
  rotateTo(degrees: number): void;
  fit(): void;
  destroy(): void;
}

/** Opens a slide. @param changed called whenever what is shown, or what failed, may have changed */
export function openSlideViewer(slide: Slide, around: Surroundings, changed: () => void): SlideViewer {
  const levels = drawnLevels(slide);
  let arriving: readonly LevelArrival[] | undefined = slide.arriving;
  const presence = (level: number, column: number, row: number) => {
    const drawn = levels[level];
    return drawn === undefined ? 'unknown' : presenceOf(arriving, drawn, column, row);
  };
  const isMissing = (level: number, column: number, row: number) =>
    presence(level, column, row) === 'missing';
  const osd = new OpenSeadragon.Viewer({
    ...optionsOf(around),
    tileSources: [tileSourceOf(slide, levels, isMissing)],
    minPixelRatio: leastPixelRatio(levels),
    maxImageCacheCount: tilesKept(levels, around.share),
  });
  const zoomNow = () => osd.viewport.viewportToImageZoom(osd.viewport.getZoom(true));
  const wanted = () => wantedLevel(levels, slide.size.width, zoomNow() * OpenSeadragon.pixelDensityRatio);
  const isSharp = sharpQuestion(osd, levels, wanted);
  const levelsOf = (plane: number) =>
    plane === slide.focus?.base ? levels : levelsOfPlane(levels, slide.id, plane);
  const focus =
    slide.focus &&
    new FocusViewer({
      osd,
      stack: slide.focus,
      // Of other planes nobody keeps account what has arrived.
      sourceOf: (plane) => tileSourceOf(slide, levelsOf(plane), () => false),
      isSharp,
      changed: () => refocused(),
    });
  const seen = () => (focus === undefined ? firstOf(osd) : focus.item);
  const failed = watchFailedTiles(osd, wanted, { changed, seen });
  dropStaleRequests(osd);
  orderByLine(osd);
  drawOnWholePixels(osd);
  turnByPinch(osd);
  if (!around.isCalm) glideAfterDrag(osd);
  osd.addHandler('viewport-change', changed);
  osd.addHandler('animation', changed);
  osd.addHandler('animation-finish', changed);
  // Keys are ours (keyboard.ts): two readers of one key would move twice.
  osd.addHandler('canvas-key', (event) => {
    event.preventDefaultAction = true;
  });
  const arrive = (now: readonly LevelArrival[] | undefined) => {
    arriving = now;
    failed.askForArrived(presence);
  };
  const isSettled = settledQuestion(osd, isSharp, () => (focus?.isLoading === true ? undefined : seen()));
  const planes = () => (focus === undefined ? [levels] : [focus.plane, ...focus.next].map(levelsOf));
  const ahead = lookAhead({ osd, planes, seen, wanted, isSettled, isMissing });
  const refocused = () => {
    ahead.again();
    failed.refresh();
    changed();
  };
  const hasCoarsest = coarsestQuestion(osd, changed);
  const more = focus && { focus };
  return { osd, levels, failed, ahead, arrive, isSettled, hasCoarsest, ...more, ...movements(osd, focus) };
}

/** The image of a slide that has one focal plane; undefined until it is open. */
function firstOf({ world }: OpenSeadragon.Viewer): OpenSeadragon.TiledImage | undefined {
  return world.getItemCount() === 0 ? undefined : world.getItemAt(0);
}

/** A question to ask at any time: has the coarsest level, which OpenSeadragon never forgets, been drawn once? */
function coarsestQuestion(osd: OpenSeadragon.Viewer, changed: () => void): () => boolean {
  let isLoaded = false;
  let isDrawn = false;
  osd.addHandler('tile-loaded', ({ tile, tiledImage }) => {
    if (tile.level <= tiledImage.source.getClosestLevel()) isLoaded = true;
  });
  osd.addHandler('tiled-image-drawn', () => {
    if (isDrawn || !isLoaded) return;
    isDrawn = true;
    changed();
  });
  return () => isDrawn;
}

/** How many decoded tiles to keep: as many as 256 MiB hold, but enough for a screen and its surroundings. */
function tilesKept(levels: readonly DrawnLevel[], share = 1): number {
  const largest = Math.max(...levels.map(({ tileWidth, tileHeight }) => tileWidth * tileHeight * 4));
  return Math.max(64, Math.floor((share * 256 * 2 ** 20) / largest));
}

function optionsOf({ stage, navigator, usesCanvas, isCalm, share = 1 }: Surroundings): OpenSeadragon.Options {
  const gestures = {
    clickToZoom: false,
    dblClickToZoom: true,
    flickEnabled: !isCalm,
    flickMinSpeed: glideFrom,
    flickMomentum: glideMomentum,
  };
  return {
    element: stage,
    drawer: usesCanvas ? ['canvas'] : ['webgl', 'canvas'],
    showNavigationControl: false,
    showNavigator: navigator !== undefined,
    ...(navigator === undefined ? {} : { navigatorElement: navigator }),
    navigatorAutoFade: false,
    navigatorOpacity: 1,
    navigatorRotate: false,
    navigatorDisplayRegionColor: '#0b7285',
    immediateRender: false,
    // Focal planes lie over each other exactly, so what it says of several images holds for each.
    silenceMultiImageWarnings: true,
    blendTime: isCalm ? 0 : 0.04,
    // The next field is to be there, and still, in a quarter of a second.
    animationTime: isCalm ? 0 : 0.15,
    springStiffness: 9,
    // A larger window shows more of the slide, at the magnification that was chosen.
    preserveImageSizeOnResize: true,
    visibilityRatio: 0.3,
    minZoomImageRatio: 0.8,
    maxZoomPixelRatio: 4,
    zoomPerScroll: 1.25,
    imageLoaderLimit: Math.ceil(12 * share),
    // A screen of them, so that they are asked for in the order of load-order.ts.
    maxTilesPerFrame: 64,
    timeout: 120_000,
    gestureSettingsMouse: gestures,
    gestureSettingsTouch: gestures,
    gestureSettingsPen: gestures,
  };
}

/**
 * Forgets tiles still queued for places that were passed by: what is on the screen now comes first. OpenSeadragon
 * asks again for those it still needs.
 */
function dropStaleRequests(osd: OpenSeadragon.Viewer): void {
  let droppedAt = 0;
  osd.addHandler('animation', () => {
    if (performance.now() - droppedAt < 100) return;
    droppedAt = performance.now();
    osd.imageLoader.clear();
  });
}

function movements(osd: OpenSeadragon.Viewer, focus: Focus | undefined) {
  const { viewport } = osd;
  const cssZoom = (zoom: number) => viewport.viewportToImageZoom(zoom);
  return {
    view: () => ({ ...viewOf(viewport, true), ...planeIn(focus) }),
    destination: () => ({ ...viewOf(viewport, false), ...planeIn(focus) }),
    zoomLimits() {
      const [home, min, max] = [viewport.getHomeZoom(), viewport.getMinZoom(), viewport.getMaxZoom()];
      return { home: cssZoom(home), min: cssZoom(min), max: cssZoom(max) };
    },
    show(view: View, immediately: boolean) {
      viewport.setRotation(view.degrees, immediately);
      viewport.zoomTo(viewport.imageToViewportZoom(view.zoom), undefined, immediately);
      viewport.panTo(viewport.imageToViewportCoordinates(view.x, view.y), immediately);
      viewport.applyConstraints(immediately);
      if (view.plane !== undefined) focus?.focusOn(view.plane);
    },
    zoomTo(zoom: number) {
      viewport.zoomTo(viewport.imageToViewportZoom(zoom)).applyConstraints();
    },
    zoomBy(factor: number) {
      viewport.zoomBy(factor).applyConstraints();
    },
    panBy(right: number, down: number) {
      const size = viewport.getContainerSize();
      const step = new OpenSeadragon.Point(right * size.x, down * size.y);
      viewport.panBy(viewport.deltaPointsFromPixels(step)).applyConstraints();
    },
    rotateTo: (degrees: number) => void viewport.setRotation(degrees),
    fit: () => void viewport.goHome(),
    destroy: () => osd.destroy(),
  };
}

/** The focal plane as a view names it. */
function planeIn(focus: Focus | undefined): Pick<View, 'plane'> {
  return focus === undefined ? {} : { plane: focus.plane };
}

function viewOf(viewport: OpenSeadragon.Viewport, isCurrent: boolean): View {
  const centre = viewport.viewportToImageCoordinates(viewport.getCenter(isCurrent));
  const zoom = viewport.viewportToImageZoom(viewport.getZoom(isCurrent));
  return { x: centre.x, y: centre.y, zoom, degrees: normalDegrees(viewport.getRotation(isCurrent)) };
}
