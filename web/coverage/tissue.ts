/** A small picture of the whole slide, four bytes a pixel. */
export interface SmallPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Where a grid's cells hold tissue. */
export type Tissue = readonly boolean[];

/** Colourfulness from which a pixel is tissue: glass is grey, whatever its brightness. */
const leastChroma = 16;
/** How much darker than glass a grey pixel must be: pigment, dense stain. */
const darker = 60;
/** Part of a cell's pixels that makes it one with tissue. */
const leastPart = 0.1;

/**
 * Which cells hold tissue, judged by colour on the slide's small picture: a help for the reader, no diagnosis. Pen
 * marks count as tissue, very pale tissue may not.
 */
export function tissueIn(picture: SmallPicture, columns: number, rows: number): Tissue {
  const glass = brightnessOfGlass(picture);
  const tissue: boolean[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      tissue.push(tissuePart(picture, cellOf(picture, { column, row, columns, rows }), glass) >= leastPart);
  return tissue;
}

/** Part of the tissue that was not looked at for long enough, 0–1; 0 where there is none. */
export function unseenPart(
  tissue: Tissue,
  secondsOf: (cell: number) => number,
  leastSeconds: number,
): number {
  const cells = [...tissue.keys()].filter((cell) => tissue[cell] === true);
  if (cells.length === 0) return 0;
  return cells.filter((cell) => secondsOf(cell) < leastSeconds).length / cells.length;
}

interface CellBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The pixels of a cell, at least one. */
function cellOf(
  { width, height }: SmallPicture,
  of: { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number },
): CellBox {
  const left = Math.min(width - 1, Math.floor((of.column * width) / of.columns));
  const top = Math.min(height - 1, Math.floor((of.row * height) / of.rows));
  const right = Math.max(left + 1, Math.floor(((of.column + 1) * width) / of.columns));
  const bottom = Math.max(top + 1, Math.floor(((of.row + 1) * height) / of.rows));
  return { left, top, right: Math.min(width, right), bottom: Math.min(height, bottom) };
}

function tissuePart({ width, data }: SmallPicture, box: CellBox, glass: number): number {
  let tissue = 0;
  let all = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const at = (y * width + x) * 4;
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      const chroma = Math.max(red, green, blue) - Math.min(red, green, blue);
      all++;
      if (chroma >= leastChroma || (red + green + blue) / 3 < glass - darker) tissue++;
    }
  }
  return tissue / all;
}

/** The brightness that a twentieth of the pixels exceeds: of glass, as long as a slide shows any. */
function brightnessOfGlass({ data }: SmallPicture): number {
  const counts = new Uint32Array(256);
  for (let at = 0; at < data.length; at += 4) {
    const mean = Math.round(((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3);
    counts[mean] = (counts[mean] ?? 0) + 1;
  }
  let left = data.length / 4 / 20;
  for (let brightness = 255; brightness > 0; brightness--) {
    left -= counts[brightness] ?? 0;
    if (left < 0) return brightness;
  }
  return 0;
}
