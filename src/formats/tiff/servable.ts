import { ServiceError } from '../../core/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { TiffImage } from './image.ts';
import { type JpegHeader, jpegPrefixOf, readJpegHeader, tablesIn } from './jpeg.ts';
import { compressionName, tags } from './tags.ts';

/** Whether tiles can be shown as they are: with which prefix, or why not. */
export type Servable = { readonly jpegPrefix: Buffer } | { readonly notServable: string };

/** Tiles wider or higher than this are too much to send for a view of a few hundred px. */
const maxTileSidePx = 4096;

/** Bytes of the first tile that are read: its header is a few hundred, or a few thousand with a profile inside. */
const sampleBytes = 16_384;

/**
 * Decides whether a browser shows the tiles of an image rightly, from its tags and the header of its first
 * stored tile (one small read).
 *
 * The colours a TIFF declares are those that libtiff, and so OpenSlide, libvips and QuPath, show, whatever markers the tile has. Browsers
 * go by markers: JFIF means YCbCr, then Adobe's transform counts, then component ids. Where both can be made to
 * agree by an Adobe marker in the prefix they are; where a tile's own marker contradicts, it is converted.
 */
export async function servable(
  source: ByteSource,
  image: TiffImage,
  signal?: AbortSignal,
): Promise<Servable> {
  const why = whyNot(image);
  if (why !== undefined) return { notServable: why };
  const field = image.decodeFields.find(({ code }) => code === tags.JPEGTables);
  try {
    const tables = field === undefined ? undefined : Uint8Array.from(field.values);
    const first = image.lengths.findIndex((length) => length > 0);
    if (first < 0) return { jpegPrefix: jpegPrefixOf(tables, image.photometric === 2 ? 0 : undefined) };
    const length = Math.min(image.lengths[first] ?? 0, sampleBytes);
    const header = readJpegHeader(await source.read(image.offsets[first] ?? 0, length, signal));
    return judge(image, header, tables);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.kind !== 'damaged') throw error;
    return { notServable: `damaged tiles (${error.message})` };
  }
}

/** What the tags alone rule out. */
function whyNot(image: TiffImage): string | undefined {
  const { compression, photometric, samplesPerPixel, bitsPerSample, segmentSize } = image;
  if (compression !== 7) return `${compressionName(compression)}, browsers show JPEG`;
  if (!image.isTiled) return 'strips instead of tiles';
  if (image.planes > 1) return 'colours in separate planes';
  if (bitsPerSample.some((bits) => bits !== 8)) return `${bitsPerSample[0]} bits per sample, browsers show 8`;
  if (photometric === 5) return 'CMYK colours';
  const samples = new Map([
    [1, 1],
    [2, 3],
    [6, 3],
  ]).get(photometric);
  if (samples === undefined) return `photometric interpretation ${photometric}`;
  if (samples !== samplesPerPixel) return `${samplesPerPixel} samples per pixel`;
  if (Math.max(segmentSize.width, segmentSize.height) > maxTileSidePx)
    return `tiles of ${segmentSize.width}×${segmentSize.height} px, over ${maxTileSidePx}`;
  return undefined;
}

/** What the first tile's own header says to the tags. */
function judge(image: TiffImage, header: JpegHeader, tables: Uint8Array | undefined): Servable {
  const { width, height } = image.segmentSize;
  if (header.size.width !== width || header.size.height !== height)
    return {
      notServable: `damaged: a tile of ${header.size.width}×${header.size.height} px where ${width}×${height} belong`,
    };
  const why = unusualFrame(header, image.samplesPerPixel);
  if (why !== undefined) return { notServable: why };
  const { adobeTransform: own, hasJfif } = header;
  const ids = header.components.map(({ id }) => id);
  let add: 0 | 1 | undefined;
  if (image.photometric === 2) {
    if (hasJfif) return { notServable: 'RGB tiles with JFIF markers, which say YCbCr' };
    if (own !== undefined && own !== 0)
      return { notServable: `RGB tiles whose Adobe marker says transform ${own}` };
    if (own === undefined) add = 0;
  } else if (image.photometric === 6 && !hasJfif) {
    if (own !== undefined && own !== 1)
      return { notServable: `YCbCr tiles whose Adobe marker says transform ${own}` };
    if (own === undefined && ids.join() !== '1,2,3') add = 1;
  }
  const jpegPrefix = jpegPrefixOf(tables, add);
  const shared = tablesIn(jpegPrefix);
  const { quantization, huffman } = header.hasTables;
  if (!(quantization || shared.quantization) || !(huffman || shared.huffman))
    return { notServable: 'damaged: tiles without decoding tables' };
  return { jpegPrefix };
}

/** JPEGs that browsers don't show, or that contradict themselves. */
function unusualFrame(header: JpegHeader, samples: number): string | undefined {
  const { frame, precision, components } = header;
  if (![0xc0, 0xc1, 0xc2].includes(frame))
    return frame === 0xc3
      ? 'lossless JPEG'
      : `JPEG of the kind SOF${frame - 0xc0}, which browsers don't show`;
  if (precision !== 8) return `JPEG of ${precision} bits, browsers show 8`;
  if (components.length !== samples)
    return `damaged: a JPEG of ${components.length} components for ${samples} samples`;
  if (new Set(components.map(({ id }) => id)).size !== samples)
    return 'damaged: JPEG components of the same id';
  if (components.some((c) => c.horizontal < 1 || c.horizontal > 4 || c.vertical < 1 || c.vertical > 4))
    return 'damaged: JPEG sampling factors outside 1–4';
  return undefined;
}
