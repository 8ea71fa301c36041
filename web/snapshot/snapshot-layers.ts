import type OpenSeadragon from 'openseadragon';

/**
 * Paints what lies over a slide into a picture of it.
 *
 * @param context measures in CSS px of the viewer; its upper left corner is the viewer's
 */
export type SnapshotPainter = (context: CanvasRenderingContext2D) => void | Promise<void>;

const painters = new WeakMap<OpenSeadragon.Viewer, Set<SnapshotPainter>>();

/** Has something painted into every picture that is taken of a viewer. @returns stops that */
export function addSnapshotLayer(viewer: OpenSeadragon.Viewer, paint: SnapshotPainter): () => void {
  const all = painters.get(viewer) ?? new Set();
  painters.set(viewer, all.add(paint));
  return () => void all.delete(paint);
}

/** What is painted over the pictures of a viewer, in the order in which it was added. */
export function snapshotLayersOf(viewer: OpenSeadragon.Viewer): readonly SnapshotPainter[] {
  return [...(painters.get(viewer) ?? [])];
}

/** Paints an element that lies over the whole viewer: a canvas, or a drawing whose styles are its own attributes. */
export function elementPainter(element: HTMLCanvasElement | SVGSVGElement): SnapshotPainter {
  return async (context) => {
    const { clientWidth: width, clientHeight: height } = element;
    const picture = element instanceof HTMLCanvasElement ? element : await pictureOf(element, width, height);
    if (width > 0 && height > 0) context.drawImage(picture, 0, 0, width, height);
  };
}

/** A drawing as it is painted by itself. @throws when it cannot be */
async function pictureOf(drawing: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = document.importNode(drawing, true);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const text = new XMLSerializer().serializeToString(copy);
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
