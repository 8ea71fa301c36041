import type { Slide } from '../api.ts';
import { unadjusted, type Adjustments } from '../image/adjustments.ts';
import { imageLayerOf } from '../image/image-layer.ts';
import type { Triple } from '../image/triple.ts';
import type { ProfileUse, SlideImage } from '../image/use-slide-image.ts';
import type { View } from '../viewer/deep-link.ts';
import { planeText } from '../viewer/focus-words.ts';
import { magnificationText, meanMpp } from '../viewer/magnification.ts';
import { scaleBarFor } from '../viewer/scale.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { snapshotLayersOf } from './snapshot-layers.ts';

/** A picture of what is seen of a slide, and all that is needed to see the same again. */
export interface CapturedView {
  /** PNG, in the pixels of the screen. */
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
  readonly slideId: string;
  readonly view: View;
  readonly adjustments: Adjustments;
  /** The slide's own colour that is shown white, 1–255 each. */
  readonly white: Triple | undefined;
  readonly icc: ProfileUse;
}

/** What a picture is taken of. */
export interface Scene {
  readonly slide: Pick<Slide, 'id' | 'mpp' | 'background'>;
  readonly viewer: SlideViewer;
  readonly image: SlideImage;
}

/**
 * Takes a picture of what a viewer shows at this moment: the slide as it is shown, what lies over it (annotations, where
 * they have a layer, see snapshot-layers.ts), a scale bar, the magnification, and whether the image is adjusted. Tiles on
 * their way are waited for; where some do not come the picture says so.
 *
 * @throws {Error} when the browser has no memory for it
 */
export async function captureView({ slide, viewer, image }: Scene): Promise<CapturedView> {
  const { osd } = viewer;
  const isWhole = await isDrawn(viewer);
  const view = viewer.view();
  const shown = imageLayerOf(osd)?.current() ?? osd.drawer.canvas;
  if (!(shown instanceof HTMLCanvasElement)) throw new Error('the viewer does not draw into a canvas');
  const { width, height } = shown;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no memory for a picture');
  context.fillStyle = image.background;
  context.fillRect(0, 0, width, height);
  // Before anything is waited for: the next frame may empty it.
  context.drawImage(shown, 0, 0);
  const ratio = width / osd.element.clientWidth;
  context.scale(ratio, ratio);
  for (const paint of snapshotLayersOf(osd)) {
    context.save();
    await paint(context);
    context.restore();
  }
  drawScale(context, height / ratio, textsOf(slide, view, { image, isWhole, viewer }), barOf(slide, view));
  const { profileUse: icc, isOriginalHeld } = image;
  const adjustments = isOriginalHeld ? unadjusted : image.adjustments;
  const white = isOriginalHeld ? undefined : image.white;
  return { blob: await png(canvas), width, height, slideId: slide.id, view, adjustments, white, icc };
}

/** How long tiles that are still on their way are waited for, ms. */
const patienceMs = 4000;

/** Waits for a while until nothing moves and every tile is there. @returns whether it came to that */
async function isDrawn(viewer: SlideViewer): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (!viewer.isSettled()) {
    if (performance.now() > until || viewer.failed.inView().length > 0) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

function barOf({ mpp }: Scene['slide'], view: View) {
  return mpp === undefined ? undefined : scaleBarFor(meanMpp(mpp) / view.zoom, 160);
}

/** The lines below the bar. */
function textsOf(
  { mpp }: Scene['slide'],
  view: View,
  { image, isWhole, viewer: { focus } }: Pick<Scene, 'image' | 'viewer'> & { readonly isWhole: boolean },
): readonly string[] {
  const texts = [magnificationText(view.zoom, mpp)];
  if (focus !== undefined) texts.push(planeText(focus.stack, view.plane ?? focus.stack.base));
  if (mpp === undefined) texts.push('Scale unknown');
  if (image.isAdjusted && !image.isOriginalHeld) texts.push('Image adjusted');
  if (!isWhole) texts.push('Not sharp everywhere');
  return texts;
}

/** Draws the plate with bar and words into the lower left corner; measures in CSS px. */
function drawScale(
  context: CanvasRenderingContext2D,
  height: number,
  texts: readonly string[],
  bar: ReturnType<typeof scaleBarFor> | undefined,
): void {
  context.font = '600 13px system-ui, sans-serif';
  const text = [...(bar === undefined ? [] : [bar.label]), texts.join(' · ')];
  const [line, margin, pad] = [18, 16, 12];
  const barWidth = bar?.widthPx ?? 0;
  const wide = Math.max(barWidth, ...text.map((one) => context.measureText(one).width)) + 2 * pad;
  const high = text.length * line + (bar === undefined ? 0 : 12) + pad;
  const [left, top] = [margin, height - margin - high];
  context.fillStyle = 'rgb(255 255 255 / 92%)';
  context.fillRect(left, top, wide, high);
  context.fillStyle = '#14171a';
  context.textBaseline = 'top';
  let y = top + pad / 2 + 2;
  for (const [i, one] of text.entries()) {
    context.fillText(one, left + pad, y);
    y += line;
    if (i > 0 || bar === undefined) continue;
    context.fillRect(left + pad, y, barWidth, 4);
    y += 12;
  }
}

function png(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('no memory for a picture'));
      else resolve(blob);
    }, 'image/png');
  });
}
