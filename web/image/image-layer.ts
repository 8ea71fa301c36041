import type OpenSeadragon from 'openseadragon';
import { adjusted, isUnadjusted } from './adjustments.ts';
import { shownWhite, type Look } from './colour-change.ts';
import { lookedUp } from './colour-cube.ts';
import type { ColourPass } from './colour-pass.ts';
import { CpuPass } from './cpu-pass.ts';
import { GpuPass } from './gpu-pass.ts';
import type { Triple } from './triple.ts';

/** The changed picture over a viewer's own. */
export interface ImageLayer {
  /** Shows the picture so from now on. */
  show(look: Look): void;
  /** The slide's own colour at a place of the viewer, 0–1, the mean around it; undefined where no slide is. */
  colourAt(x: number, y: number): Triple | undefined;
  /** A canvas with what is on the screen at this moment; to be read before the next frame. */
  current(): HTMLCanvasElement | undefined;
  destroy(): void;
}

/** The layer of each viewer that has one. */
const layers = new WeakMap<OpenSeadragon.Viewer, ImageLayer>();

/** The changed picture over a viewer's own, where there is one. */
export function imageLayerOf(viewer: OpenSeadragon.Viewer): ImageLayer | undefined {
  return layers.get(viewer);
}

/**
 * Attaches a layer to any OpenSeadragon viewer, whichever way it draws.
 *
 * After each frame that the viewer draws, in the same frame of the screen, its canvas is drawn once more with changed
 * colours into a canvas above it, below all overlays, and itself is hidden. When nothing is changed nothing is drawn:
 * then the screen shows the viewer's own canvas, untouched.
 */
export function attachImageLayer(viewer: OpenSeadragon.Viewer): ImageLayer {
  const layer = new Layer(viewer);
  layers.set(viewer, layer);
  return layer;
}

/** Half the side of the square whose mean is taken for the colour at a place, device px. */
const reach = 4;

class Layer implements ImageLayer {
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #draw = () => this.#drawNow();
  /** Undefined: the slide's own pixels are shown. */
  #look: Look | undefined;
  #pass: ColourPass | undefined;
  /** The viewer's own canvas, while the changed picture is over it. */
  #hidden: HTMLElement | undefined;

  constructor(viewer: OpenSeadragon.Viewer) {
    this.#viewer = viewer;
    viewer.addHandler('update-viewport', this.#draw);
  }

  show(look: Look): void {
    this.#look = isPlain(look) ? undefined : look;
    this.#drawNow();
  }

  colourAt(x: number, y: number): Triple | undefined {
    const picture = canvasOf(this.#viewer);
    if (picture === undefined) return undefined;
    const ratio = picture.width / picture.clientWidth;
    const side = 2 * reach + 1;
    // Read from a copy: a canvas that is read from is no longer drawn by the graphics processor.
    const copy = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
    copy?.drawImage(picture, reach - Math.round(x * ratio), reach - Math.round(y * ratio));
    const pixels = copy?.getImageData(0, 0, side, side).data;
    return pixels && meanOf(pixels);
  }

  current(): HTMLCanvasElement | undefined {
    this.#drawNow();
    return this.#hidden === undefined ? canvasOf(this.#viewer) : this.#pass?.canvas;
  }

  destroy(): void {
    this.#viewer.removeHandler('update-viewport', this.#draw);
    layers.delete(this.#viewer);
    this.#reveal();
    this.#pass?.destroy();
  }

  #drawNow(): void {
    const picture = canvasOf(this.#viewer);
    if (this.#look === undefined || picture === undefined) return this.#reveal();
    if (picture.width === 0 || picture.height === 0) return;
    this.#pass ??= passFor(this.#viewer);
    if (!this.#pass.draw(picture, this.#look)) {
      // The graphics processor was taken away: the processor goes on, in the same frame.
      this.#reveal();
      this.#pass = new CpuPass();
      this.#pass.draw(picture, this.#look);
    }
    this.#cover(picture, this.#pass.canvas);
  }

  /** Shows the changed picture instead of the viewer's own, which the viewer may have replaced. */
  #cover(picture: HTMLCanvasElement, shown: HTMLCanvasElement): void {
    if (this.#hidden === picture) return;
    this.#reveal();
    picture.style.visibility = 'hidden';
    picture.after(shown);
    this.#hidden = picture;
  }

  #reveal(): void {
    if (this.#hidden !== undefined) this.#hidden.style.visibility = '';
    this.#hidden = undefined;
    this.#pass?.canvas.remove();
  }
}

/** Where the viewer draws by the graphics processor, so does the pass; else that is missing or slow. */
function passFor(viewer: OpenSeadragon.Viewer): ColourPass {
  if (viewer.drawer.getType() !== 'webgl') return new CpuPass();
  try {
    return new GpuPass();
  } catch (error) {
    console.warn('the graphics processor does not change the picture, the processor does', error);
    return new CpuPass();
  }
}

/** A colour of the slide as it is shown with a look, 0–1. */
export function shownColour(own: Triple, look: Look): Triple {
  const seen = look.cube === undefined ? own : lookedUp(look.cube, own);
  return adjusted(seen, look.adjustments, shownWhite(look));
}

function isPlain({ adjustments, white, cube }: Look): boolean {
  return isUnadjusted(adjustments) && white === undefined && cube === undefined;
}

/** The mean of opaque pixels, 0–1; undefined where some are not. */
function meanOf(pixels: Uint8ClampedArray): Triple | undefined {
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] !== 255) return undefined;
    for (const i of [0, 1, 2] as const) sums[i] += pixels[at + i] ?? 0;
  }
  const scale = (pixels.length / 4) * 255;
  return [sums[0] / scale, sums[1] / scale, sums[2] / scale];
}

function canvasOf(viewer: OpenSeadragon.Viewer): HTMLCanvasElement | undefined {
  const canvas: unknown = viewer.drawer?.canvas;
  return canvas instanceof HTMLCanvasElement ? canvas : undefined;
}
