import type { ReportProgress } from '../core/progress.ts';
import type { TiffField } from '../formats/tiff/image.ts';
import { readJpegHeader, standaloneJpeg } from '../formats/tiff/jpeg.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import {
  ascii,
  bytesField,
  long,
  rational,
  short,
  TiffFileWriter,
  type WrittenImage,
} from './tiff-writer.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

/** A pyramid to write as one file. */
export interface PyramidExport {
  readonly index: TileIndex;
  /** Sources of `index.objects`. */
  readonly objects: readonly ByteSource[];
  /** The BigTIFF to write; a local path. */
  readonly outPath: string;
  readonly onProgress: ReportProgress;
  readonly signal?: AbortSignal;
}

/** Tiles read at once. */
const readsAtOnce = 16;

/**
 * Writes all levels of a pyramid into one tiled BigTIFF, each tile with exactly the bytes it has: nothing is
 * encoded again. Every tile is a whole JPEG stream, so levels of different origin stand side by side.
 */
export async function exportPyramid(options: PyramidExport): Promise<void> {
  const { index, objects, outPath, onProgress, signal } = options;
  const levels = [...index.levels, ...index.made].sort((a, b) => a.downsample - b.downsample);
  const total = levels.reduce((sum, level) => sum + level.offsets.length, 0);
  let done = 0;
  const writer = await TiffFileWriter.create(outPath);
  try {
    const images: WrittenImage[] = [];
    for (const [i, level] of levels.entries()) {
      const source = objects[level.object];
      if (source === undefined) throw new Error(`no object ${level.object}`);
      const copied = await copyTiles(writer, level, source, (tiles) => {
        done += tiles;
        onProgress(done, total);
        signal?.throwIfAborted();
      });
      images.push({
        size: level.size,
        isTiled: true,
        segmentSize: level.tileSize,
        fields: fieldsOf(index, level, i, copied.first),
        offsets: copied.offsets,
        lengths: copied.lengths,
      });
    }
    await writer.finish(images);
  } finally {
    await writer.close();
  }
}

/** Copies one level's tiles in order. The grid of the copy is the level's own, without a scanner's padding. */
async function copyTiles(
  writer: TiffFileWriter,
  level: IndexedLevel,
  source: ByteSource,
  onTiles: (count: number) => void,
): Promise<{ offsets: number[]; lengths: number[]; first: Buffer | undefined }> {
  const columns = Math.ceil(level.size.width / level.tileSize.width);
  const rows = Math.ceil(level.size.height / level.tileSize.height);
  const offsets: number[] = [];
  const lengths: number[] = [];
  let first: Buffer | undefined;
  for (let start = 0; start < columns * rows; start += readsAtOnce) {
    const count = Math.min(readsAtOnce, columns * rows - start);
    const tiles = await Promise.all(
      Array.from({ length: count }, async (_, j) => {
        const at = Math.floor((start + j) / columns) * level.columns + ((start + j) % columns);
        const length = level.lengths[at] ?? 0;
        if (length === 0) return undefined;
        return standaloneJpeg(level.prefix, await source.read(level.offsets[at] ?? 0, length));
      }),
    );
    for (const tile of tiles) {
      first ??= tile;
      offsets.push(tile === undefined ? 0 : await writer.append(tile));
      lengths.push(tile?.length ?? 0);
    }
    onTiles(count);
  }
  return { offsets, lengths, first };
}

/** The fields of one level's directory; colour and subsampling as its first tile says. */
function fieldsOf(
  { properties, icc }: TileIndex,
  level: IndexedLevel,
  number: number,
  first: Buffer | undefined,
): TiffField[] {
  const header = first === undefined ? undefined : readJpegHeader(first);
  const samples = header?.components.length ?? 3;
  const isRgb = header?.adobeTransform === 0;
  const luma = header?.components[0];
  const photometric = samples === 1 ? 1 : isRgb ? 2 : 6;
  const fields = [
    long(254, number === 0 ? 0 : 1),
    short(258, ...Array.from({ length: samples }, () => 8)),
    short(259, 7),
    short(262, photometric),
    short(277, samples),
    short(284, 1),
    ascii(305, 'Telepath'),
  ];
  if (photometric === 6) fields.push(short(530, luma?.horizontal ?? 2, luma?.vertical ?? 2));
  if (properties.mpp !== undefined) {
    const perCm = (mpp: number) => Math.round((10_000 / (mpp * level.downsample)) * 1000);
    fields.push(
      rational(282, perCm(properties.mpp.x), 1000),
      rational(283, perCm(properties.mpp.y), 1000),
      short(296, 3),
    );
  }
  if (icc !== undefined && number === 0) fields.push(bytesField(34_675, icc));
  return fields;
}
