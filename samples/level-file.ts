import { gridOf, type Rect, type Size } from '../src/core/geometry.ts';
import type { TiffFileWriter, WrittenImage } from '../src/pyramid/tiff-writer.ts';
import { levelFields, type SampleFacts } from './aperio.ts';
import { encode, type Encoded } from './encode.ts';
import { encodingOf, halvingsInThreads, rowsPerStrip, type LevelPlan } from './layouts.ts';
import { fitted, halve, type Pixels } from './levels.ts';

/** One level on its way into the file. */
export interface LevelInFile extends LevelPlan {
  readonly columns: number;
  /** Edge of a tile, px; 0 for strips. */
  readonly tileSize: number;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  fields: Encoded['fields'];
}

/** A level before its first tile. */
export function emptyLevel(level: LevelPlan, tileSize: number | undefined): LevelInFile {
  const segmentSize =
    tileSize === undefined
      ? { width: level.size.width, height: rowsPerStrip }
      : { width: tileSize, height: tileSize };
  const { columns, rows } = gridOf(level.size, segmentSize);
  return {
    ...level,
    columns,
    tileSize: tileSize ?? 0,
    offsets: new Float64Array(columns * rows),
    lengths: new Float64Array(columns * rows),
    fields: [],
  };
}

/** Writes a block's segments of one level, in one piece, and notes where they lie. */
export async function writeBlock(
  file: TiffFileWriter,
  level: LevelInFile,
  encoded: Encoded,
  area: Rect,
): Promise<void> {
  const { segments } = encoded;
  const { tileSize } = level;
  if (segments.length === 0) return;
  const isStrips = encoded.rowsPerStrip > 0;
  const firstColumn = isStrips ? 0 : (area.left >> level.halvings) / tileSize;
  const firstRow = isStrips ? area.top / rowsPerStrip : (area.top >> level.halvings) / tileSize;
  const columns = isStrips
    ? 1
    : Math.min(level.columns - firstColumn, Math.ceil((area.width >> level.halvings) / tileSize));
  level.fields = encoded.fields;
  const padded = segments.map((segment) =>
    segment.length % 2 === 0 ? segment : Buffer.concat([segment, Buffer.alloc(1)]),
  );
  let at = await file.append(Buffer.concat(padded));
  for (const [i, segment] of segments.entries()) {
    const index = (firstRow + Math.floor(i / columns)) * level.columns + firstColumn + (i % columns);
    level.offsets[index] = at;
    level.lengths[index] = segment.length;
    at += padded[i]!.length;
  }
}

/** Encodes the levels that are coarser than those of the threads. */
export async function writeCoarse(
  { tileSize, quality, layout }: SampleFacts,
  file: TiffFileWriter,
  levels: readonly LevelInFile[],
  overview: Pixels,
): Promise<void> {
  let pixels = overview;
  let halvings = halvingsInThreads + 1;
  for (const level of levels) {
    for (; halvings < level.halvings; halvings++) pixels = halve(fitted(pixels, evened(pixels)));
    const whole = {
      width: Math.ceil(level.size.width / tileSize) * tileSize,
      height: Math.ceil(level.size.height / tileSize) * tileSize,
    };
    const encoded = await encode(fitted(pixels, whole, level.size), encodingOf(layout, tileSize, quality));
    await writeBlock(file, level, encoded, {
      left: 0,
      top: 0,
      width: whole.width << level.halvings,
      height: 0,
    });
  }
}

/** The size rounded up to even numbers. */
const evened = ({ width, height }: Size): Size => ({
  width: width + (width % 2),
  height: height + (height % 2),
});

/** The directory of a level. */
export function asImage(settings: SampleFacts, level: LevelInFile): WrittenImage {
  const isTiled = settings.layout !== 'strips';
  const { tileSize } = settings;
  return {
    size: level.size,
    isTiled,
    segmentSize: isTiled
      ? { width: tileSize, height: tileSize }
      : { width: level.size.width, height: rowsPerStrip },
    fields: [...level.fields, ...levelFields(settings, level)],
    offsets: level.offsets,
    lengths: level.lengths,
  };
}
