import sharp, { type TiffOptions } from 'sharp';
import type { TiffField } from '../src/formats/tiff/image.ts';
import { bytesField, short } from '../src/pyramid/tiff-writer.ts';
import type { Pixels } from './levels.ts';

/** How pixels become the segments of a TIFF. */
export interface Encoding {
  readonly compression: 'jpeg' | 'lzw' | 'deflate';
  /** JPEG quality, 1–100. */
  readonly quality: number;
  /** Edge of a tile, px; absent: strips. */
  readonly tileSize?: number;
}

/** Segments in reading order and what a decoder must know about all of them. */
export interface Encoded {
  readonly segments: readonly Uint8Array[];
  readonly rowsPerStrip: number;
  /** BitsPerSample, Compression, Photometric, SamplesPerPixel and, as needed, Predictor, subsampling, tables. */
  readonly fields: readonly TiffField[];
}

/** Lets libvips encode a whole picture in one call and takes the segments out of the TIFF it makes. */
export async function encode(pixels: Pixels, encoding: Encoding): Promise<Encoded> {
  const { width, height, rgb } = pixels;
  const { compression, quality, tileSize } = encoding;
  const options: TiffOptions = { compression, quality };
  if (compression !== 'jpeg') options.predictor = 'horizontal';
  if (tileSize !== undefined)
    Object.assign(options, { tile: true, tileWidth: tileSize, tileHeight: tileSize });
  const tiff = await sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .tiff(options)
    .toBuffer();
  return takeApart(tiff, tileSize === undefined);
}

/** Reads the only directory of a classic little-endian TIFF that libvips wrote. */
function takeApart(tiff: Buffer, isStrips: boolean): Encoded {
  const tags = new Map<number, number[]>();
  const at = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(at); i++) {
    const entry = at + 2 + i * 12;
    const [type, count] = [tiff.readUInt16LE(entry + 2), tiff.readUInt32LE(entry + 4)];
    const width = { 3: 2, 4: 4, 7: 1 }[type];
    if (width === undefined) continue;
    const start = width * count <= 4 ? entry + 8 : tiff.readUInt32LE(entry + 8);
    const values = Array.from({ length: count }, (_, k) => tiff.readUIntLE(start + k * width, width));
    tags.set(tiff.readUInt16LE(entry), values);
  }
  const need = (code: number): number[] => {
    const values = tags.get(code);
    if (values === undefined) throw new Error(`libvips wrote a TIFF without field ${code}`);
    return values;
  };
  const lengths = need(isStrips ? 279 : 325);
  const segments = need(isStrips ? 273 : 324).map((offset, i) => tiff.subarray(offset, offset + lengths[i]!));
  const fields = [short(258, 8, 8, 8), short(259, need(259)[0]!), short(262, need(262)[0]!), short(277, 3)];
  const tables = tags.get(347);
  if (tags.has(317)) fields.push(short(317, need(317)[0]!));
  if (tables !== undefined) fields.push(short(530, 2, 2), bytesField(347, Uint8Array.from(tables)));
  return { segments, rowsPerStrip: tags.get(278)?.[0] ?? 0, fields };
}
