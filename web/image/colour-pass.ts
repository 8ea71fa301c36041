import type { Look } from './colour-change.ts';

/** Draws a picture with changed colours. */
export interface ColourPass {
  /** What it draws into. */
  readonly canvas: HTMLCanvasElement;
  /** Draws `picture` pixel by pixel; its canvas becomes as large. @returns whether it could */
  draw(picture: HTMLCanvasElement, look: Look): boolean;
  destroy(): void;
}

/** An empty canvas to lie over a viewer's own. */
export function newCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = 'changed-picture';
  // Here and not in a style sheet: it belongs to any viewer on any page.
  canvas.style.cssText = 'position:absolute;top:0;left:0;width:100%;height:100%;pointer-events:none';
  return canvas;
}

/** Makes a canvas as large as a picture. */
export function fit(canvas: HTMLCanvasElement, { width, height }: HTMLCanvasElement): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
