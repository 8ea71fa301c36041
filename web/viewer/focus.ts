import OpenSeadragon from 'openseadragon';
import type { FocalStack } from '../api.ts';

/** The focal planes of a slide that is open, and which one is looked at. */
export interface Focus {
  readonly stack: FocalStack;
  /** Number of the plane that was asked for last. */
  readonly plane: number;
  /** Whether the plane that was asked for is not sharp yet: then the one before is still seen. */
  readonly isLoading: boolean;
  /** Looks at a plane; one beyond the stack is its end. */
  focusOn(plane: number): void;
}

/** What planes are drawn by. */
export interface FocusParts {
  readonly osd: OpenSeadragon.Viewer;
  readonly stack: FocalStack;
  readonly sourceOf: (plane: number) => OpenSeadragon.TileSource;
  /** Whether all of a plane that is in view is drawn at the level that belongs on the screen. */
  readonly isSharp: (item: OpenSeadragon.TiledImage) => boolean;
  readonly changed: () => void;
}

/** How often a plane that does not become sharp is looked after, because some tile of it fails, ms. */
const patienceMs = 300;

/**
 * Draws one plane of a stack. Each is an image of its own, at the same place; the one that is asked for is drawn below
 * the one that is seen, which is taken away when the other is sharp, so that nothing is blank or blurred in between.
 * Planes that were seen stay, hidden, as long as there is memory for their tiles.
 */
export class FocusViewer implements Focus {
  readonly stack: FocalStack;
  readonly #parts: FocusParts;
  readonly #items = new Map<number, OpenSeadragon.TiledImage>();
  #wanted: number;
  #seen: number;
  #direction = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: FocusParts) {
    const { osd, stack } = parts;
    this.stack = stack;
    this.#parts = parts;
    this.#wanted = this.#seen = stack.base;
    osd.addOnceHandler('open', () => {
      this.#items.set(stack.base, osd.world.getItemAt(0));
      keepOverview(osd);
      this.#begin();
    });
    osd.addHandler('tiled-image-drawn', ({ tiledImage }) => {
      if (this.isLoading && tiledImage === this.#items.get(this.#wanted) && parts.isSharp(tiledImage))
        this.#show();
    });
    osd.addHandler('destroy', () => clearTimeout(this.#timer));
  }

  get plane(): number {
    return this.#wanted;
  }

  get isLoading(): boolean {
    return this.#wanted !== this.#seen;
  }

  /** The image of the plane that is seen. */
  get item(): OpenSeadragon.TiledImage | undefined {
    return this.#items.get(this.#seen);
  }

  /** Planes that may be looked at next: one further on, then one back. */
  get next(): readonly number[] {
    const [on, back] = [this.#wanted + this.#direction, this.#wanted - this.#direction];
    return [on, back].filter((plane) => plane >= 0 && plane < this.stack.planes.length);
  }

  focusOn(plane: number): void {
    const next = Math.min(this.stack.planes.length - 1, Math.max(0, Math.round(plane)));
    if (next === this.#wanted) return;
    this.#direction = Math.sign(next - this.#wanted);
    if (this.isLoading) this.#items.get(this.#wanted)?.setOpacity(0);
    this.#wanted = next;
    this.#parts.changed();
    this.#begin();
  }

  /** Draws the plane that is wanted below the one that is seen. */
  #begin(): void {
    const { osd, sourceOf } = this.#parts;
    const plane = this.#wanted;
    clearTimeout(this.#timer);
    if (!this.isLoading || !this.#items.has(this.stack.base)) return;
    const item = this.#items.get(plane);
    if (item !== undefined) {
      osd.world.setItemIndex(item, 0);
      item.setOpacity(1);
      this.#waitFor(plane);
      return;
    }
    osd.addTiledImage({
      tileSource: sourceOf(plane),
      index: 0,
      success: (event) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types leave it out
        const { item: added } = event as unknown as { readonly item: OpenSeadragon.TiledImage };
        const twin = this.#items.get(plane);
        this.#items.set(plane, added);
        // Asked for twice before it was there.
        if (twin !== undefined) osd.world.removeItem(twin);
        if (this.#wanted !== plane) added.setOpacity(0);
        else this.#waitFor(plane);
      },
    });
  }

  /** Shows a plane of which all came that can come, although it is not sharp everywhere. */
  #waitFor(plane: number): void {
    clearTimeout(this.#timer);
    let wasComplete = false;
    const look = () => {
      if (this.#wanted !== plane || !this.isLoading) return;
      const isComplete = this.#items.get(plane)?.getFullyLoaded() === true;
      if (isComplete && wasComplete) return this.#show();
      wasComplete = isComplete;
      this.#timer = setTimeout(look, patienceMs);
    };
    this.#timer = setTimeout(look, patienceMs);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.item?.setOpacity(0);
    this.#seen = this.#wanted;
    this.#parts.changed();
  }
}

/** Leaves the base plane in the overview, whatever is looked at: it is told of no other image. */
function keepOverview({ navigator }: OpenSeadragon.Viewer): void {
  // Null where no overview is wanted, which the types leave out.
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- as above
  if (!navigator) return;
  Object.assign(navigator, { addTiledImage: () => {}, _matchOpacity: () => {} });
  Object.assign(navigator.world, { setItemIndex: () => {} });
}
