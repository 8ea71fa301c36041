/** Magnifications from which the bands reach up to the next one's; the last has no end. The service's own rule. */
export const bands = [2.5, 5, 10, 20] as const;

/** Cells along the longer side of a slide. The service's own rule. */
const cellsAlong = 128;

/** Half a second is a look. */
export const leastSeconds = 0.5;

/** What the service keeps: see the API, CoverageMap. */
export interface WireMap {
  readonly columns: number;
  readonly rows: number;
  readonly bands: readonly string[];
}

/** Where somebody looks: centre and size of the stage on the slide, px of slide level 0, and how it is turned. */
export interface LookedAt {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly degrees: number;
}

/** How long each cell of a grid over a slide was looked at in each band of magnification, s. */
export class SeenMap {
  readonly columns: number;
  readonly rows: number;
  readonly seconds: readonly Float32Array[];
  readonly #cellPx: { readonly x: number; readonly y: number };

  /** @param size of slide level 0, px */
  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    const along = (side: number) => Math.max(1, Math.ceil((cellsAlong * side) / Math.max(width, height)));
    this.columns = along(width);
    this.rows = along(height);
    this.#cellPx = { x: width / this.columns, y: height / this.rows };
    this.seconds = bands.map(() => new Float32Array(this.columns * this.rows));
  }

  /** Counts a look; below the first band it counts nothing. @returns whether it counted */
  add(at: LookedAt, magnification: number, seconds: number): boolean {
    const cells = this.seconds[bandOf(magnification)];
    if (cells === undefined) return false;
    const radians = (at.degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
    const reach = Math.hypot(at.width, at.height) / 2;
    const { x: across, y: down } = this.#cellPx;
    const [left, right] = within((at.x - reach) / across, (at.x + reach) / across, this.columns);
    const [top, bottom] = within((at.y - reach) / down, (at.y + reach) / down, this.rows);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const dx = (column + 0.5) * across - at.x;
        const dy = (row + 0.5) * down - at.y;
        // The middle of the cell has to be on the screen, which is turned against the slide.
        const isSeen =
          Math.abs(dx * cos - dy * sin) <= at.width / 2 && Math.abs(dx * sin + dy * cos) <= at.height / 2;
        const cell = row * this.columns + column;
        if (isSeen) cells[cell] = (cells[cell] ?? 0) + seconds;
      }
    }
    return true;
  }

  /** Takes over what is longer in a map of the service. One of another grid is left alone. */
  merge(wire: WireMap): void {
    if (wire.columns !== this.columns || wire.rows !== this.rows) return;
    for (const [i, cells] of this.seconds.entries()) {
      const bytes = Uint8Array.from(atob(wire.bands[i] ?? ''), (letter) => letter.charCodeAt(0));
      if (bytes.length === 0) continue;
      for (const [cell, known] of cells.entries()) {
        const byte = bytes[cell >> 1] ?? 0;
        cells[cell] = Math.max(known, secondsOf(cell % 2 === 0 ? byte >> 4 : byte & 15));
      }
    }
  }

  toWire(): WireMap {
    const wire = this.seconds.map((cells) => {
      if (cells.every((seconds) => seconds === 0)) return '';
      const bytes = new Uint8Array(Math.ceil(cells.length / 2));
      for (const [cell, seconds] of cells.entries()) {
        const value = valueOf(seconds);
        bytes[cell >> 1] = (bytes[cell >> 1] ?? 0) | (cell % 2 === 0 ? value << 4 : value);
      }
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    return { columns: this.columns, rows: this.rows, bands: wire };
  }

  /** Seconds for which a cell was looked at in a band or a stronger one. */
  secondsFrom(band: number, cell: number): number {
    return this.seconds.slice(band).reduce((sum, cells) => sum + (cells[cell] ?? 0), 0);
  }
}

/** Position of a magnification's band; −1 below the first. A hair less than 10× counts as 10×: mpp is rounded. */
export function bandOf(magnification: number): number {
  return bands.findLastIndex((from) => magnification >= from * 0.97);
}

/** Four bits for a time: steps of a factor 1.4, up to a minute and a half. */
function valueOf(seconds: number): number {
  return Math.min(15, Math.round(2 * Math.log2(1 + 2 * seconds)));
}

function secondsOf(value: number): number {
  return (2 ** (value / 2) - 1) / 2;
}

/** First and last of `count` cells that reach into a range. */
function within(from: number, to: number, count: number): readonly [number, number] {
  return [Math.max(0, Math.floor(from)), Math.min(count - 1, Math.floor(to))];
}
