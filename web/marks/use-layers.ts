import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { addSnapshotLayer } from '../snapshot/snapshot-layers.ts';
import type { KnownMpp } from '../viewer/magnification.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import type { Desk } from './desk.ts';
import { MarkLayer } from './layer.ts';
import { paint } from './paint.ts';
import { projectionOf } from './projection.ts';
import { hasSketch, sketch } from './sketch.ts';

/** Paints marks over the slide in `host`, and follows the slide in the very frame in which it is drawn. */
export function useLayers(
  host: RefObject<HTMLElement | null>,
  viewer: SlideViewer,
  desk: Desk,
  mpp: KnownMpp,
): void {
  useEffect(() => {
    if (host.current === null) return undefined;
    return startLayers(host.current, viewer, desk, mpp);
  }, [viewer, desk]);
}

/** Paints all marks in view at once, into a picture that is taken of the slide. */
function paintAll(
  context: CanvasRenderingContext2D,
  over: { readonly host: HTMLElement; readonly viewer: SlideViewer; readonly desk: Desk },
): void {
  const { clientWidth: right, clientHeight: bottom } = over.host;
  const projection = projectionOf(over.viewer.view(), right, bottom);
  const area = { left: 0, top: 0, right, bottom };
  const steps = paint({ context, projection, area, marks: over.desk.marks.set, without: undefined });
  while (steps.next().done !== true);
}

function startLayers(host: HTMLElement, viewer: SlideViewer, desk: Desk, mpp: KnownMpp): () => void {
  const layer = new MarkLayer(host, desk.marks.set);
  const canvas = document.createElement('canvas');
  canvas.className = 'mark-sketch';
  host.append(canvas);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('the browser gives no canvas to draw on');
  let frame = 0;
  let wasEmpty = false;
  const draw = () => {
    const view = viewer.view();
    layer.follow(view);
    const { clientWidth: width, clientHeight: height } = host;
    const isEmpty = !hasSketch(desk, layer.shown);
    // Most of the time nothing is sketched, and what does not change costs nothing.
    if (isEmpty && wasEmpty) return;
    wasEmpty = isEmpty;
    const density = fitted(canvas, width, height);
    context.setTransform(density, 0, 0, density, 0, 0);
    const projection = projectionOf(view, width, height);
    sketch({ context, projection, width, height, desk, mpp, shown: layer.shown });
  };
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  let without: string | undefined;
  const repaint = () => {
    without = desk.selected?.id;
    layer.repaint(without);
    soon();
  };
  const deskChanged = () => (desk.selected?.id === without ? soon() : repaint());
  const stops = [desk.marks.changes.subscribe(repaint), desk.changes.subscribe(deskChanged)];
  stops.push(addSnapshotLayer(viewer.osd, (picture) => paintAll(picture, { host, viewer, desk })));
  viewer.osd.addHandler('update-viewport', draw);
  viewer.osd.addHandler('resize', soon);
  repaint();
  return () => {
    cancelAnimationFrame(frame);
    for (const stop of stops) stop();
    viewer.osd.removeHandler('update-viewport', draw);
    viewer.osd.removeHandler('resize', soon);
    layer.destroy();
    canvas.remove();
  };
}

/** Gives a canvas the size of its host. @returns device pixels of a CSS px */
function fitted(canvas: HTMLCanvasElement, width: number, height: number): number {
  const density = Math.min(2, globalThis.devicePixelRatio);
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  return density;
}
