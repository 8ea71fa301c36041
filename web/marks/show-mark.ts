import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { boxOf, middleOf, type Mark } from './shape.ts';

/** Part of the stage that a mark takes at most once it is shown. */
const largestPart = 0.6;

/** Brings a mark into the middle: as near as before where that shows all of it, and no nearer than 1:1 by itself. */
export function showMark(viewer: SlideViewer, { geometry }: Mark): void {
  const box = boxOf(geometry);
  const { x: width, y: height } = viewer.osd.viewport.getContainerSize();
  const fitting = Math.min(
    (width * largestPart) / Math.max(1, box.right - box.left),
    (height * largestPart) / Math.max(1, box.bottom - box.top),
  );
  const { zoom, degrees } = viewer.destination();
  const { min, max } = viewer.zoomLimits();
  const isSmall = fitting > zoom * 12;
  const wanted = Math.min(fitting, isSmall ? Math.min(1, zoom * 12) : zoom);
  const [x, y] = middleOf(box);
  viewer.show({ x, y, degrees, zoom: Math.min(max, Math.max(min, wanted)) }, false);
}
