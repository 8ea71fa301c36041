import { followed, isAlike, type Projection } from './projection.ts';

/** More device pixels than this to a CSS px show nothing more of a line. */
const maxDensity = 2;

/** A canvas over the stage that reaches beyond its edges. */
export interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** How far beyond each edge, CSS px. */
  margin: number;
}

/** Adds an empty picture over the stage. */
export function newPicture(host: HTMLElement): Picture {
  const canvas = document.createElement('canvas');
  canvas.className = 'mark-picture';
  // Looked at after each step, which a graphics processor would have to be waited for.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('the browser gives no canvas to draw on');
  host.append(canvas);
  return { canvas, context, margin: 0 };
}

/** Empties a picture, which is as large as the stage and its margin from here on. */
export function clearPicture(
  picture: Picture,
  { width, height, margin }: { readonly width: number; readonly height: number; readonly margin: number },
): void {
  const { canvas, context } = picture;
  const density = Math.min(maxDensity, globalThis.devicePixelRatio);
  const [fullWidth, fullHeight] = [width + 2 * margin, height + 2 * margin];
  const [w, h] = [Math.round(fullWidth * density), Math.round(fullHeight * density)];
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    canvas.style.width = `${fullWidth}px`;
    canvas.style.height = `${fullHeight}px`;
  }
  picture.margin = margin;
  canvas.style.top = `${-margin}px`;
  canvas.style.left = `${-margin}px`;
  context.setTransform(density, 0, 0, density, margin * density, margin * density);
  context.clearRect(-margin, -margin, fullWidth, fullHeight);
}

/** Moves a picture that was painted in one projection to where it belongs in another. */
export function placePicture({ canvas, margin }: Picture, drawn: Projection, now: Projection): void {
  canvas.style.transform = isAlike(drawn, now) ? 'none' : followed(drawn, now, margin);
}

/** Shows or hides a picture. */
export function showPicture({ canvas }: Picture, isShown: boolean): void {
  canvas.style.visibility = isShown ? 'visible' : 'hidden';
}
