import type { Rect } from '../src/core/geometry.ts';
import type { TiffRecipe } from '../src/formats/format.ts';

/** Segments of a TIFF that cover a rectangle: a range of its grid. */
export interface Cover {
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
  /** What they show of the image, px. */
  readonly rect: Rect;
}

/** The segments that cover a rectangle of an image. */
export function coverOf({ size, segmentSize }: TiffRecipe, rect: Rect): Cover {
  const column = Math.floor(rect.left / segmentSize.width);
  const row = Math.floor(rect.top / segmentSize.height);
  const columns = Math.ceil((rect.left + rect.width) / segmentSize.width) - column;
  const rows = Math.ceil((rect.top + rect.height) / segmentSize.height) - row;
  const left = column * segmentSize.width;
  const top = row * segmentSize.height;
  const width = Math.min(columns * segmentSize.width, size.width - left);
  const height = Math.min(rows * segmentSize.height, size.height - top);
  return { column, row, columns, rows, rect: { left, top, width, height } };
}

/** Indices of the segments of a cover, row by row, plane after plane. */
export function segmentsOf({ size, segmentSize, planes }: TiffRecipe, cover: Cover): number[] {
  const gridColumns = Math.ceil(size.width / segmentSize.width);
  const perPlane = gridColumns * Math.ceil(size.height / segmentSize.height);
  const indices: number[] = [];
  for (let plane = 0; plane < planes; plane++)
    for (let row = cover.row; row < cover.row + cover.rows; row++)
      for (let column = cover.column; column < cover.column + cover.columns; column++)
        indices.push(plane * perPlane + row * gridColumns + column);
  return indices;
}
