import { isMainThread } from 'node:worker_threads';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { ServiceError } from '../src/core/errors.ts';
import type { Rgb } from '../src/core/slide.ts';
import { rasterOf, type Raster } from '../src/pyramid/box-shrink.ts';

sharp.cache(false);
// Each task is one thread; several tasks run at once. More threads inside libvips only cost memory here.
sharp.concurrency(1);
// Slides need three loaders. The others (SVG, PDF, HEIF, …) would only be a way in for hostile files. This holds for
// the whole process and is said once, by its first thread: said again, it would shut the three for a moment, too,
// and a thread that decodes just then would call a sound tile unreadable.
if (isMainThread) {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegFile',
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngFile',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadTiffFile',
      'VipsForeignLoadTiffBuffer',
    ],
  });
}

/** Most pixels of a picture that is decoded in memory at once. */
const maxPixelsInMemory = 2 ** 28;
/** Most pixels of a picture that streams through to a file: a JPEG's largest size. */
export const maxPixelsStreamed = 65_535 ** 2;

/**
 * Options for every decoding: damaged data is an error, never grey pixels.
 *
 * `warning` because libjpeg calls damaged entropy data no more than that.
 */
export const strict: SharpOptions = {
  failOn: 'warning',
  limitInputPixels: maxPixelsInMemory,
  sequentialRead: true,
};

/**
 * A picture's pixels as 8-bit sRGB, transparency on the background.
 *
 * @param what for messages: what is being decoded
 * @throws {ServiceError} `damaged` when the bytes are no such picture; `unsupported` when no decoder is here for it
 */
export async function decodeRgb(picture: Sharp, background: Rgb, what: string): Promise<Raster> {
  const [r, g, b] = background;
  const decoded = picture.flatten({ background: { r, g, b } }).toColourspace('srgb').raw();
  const { data, info } = await decoding(what, decoded.toBuffer({ resolveWithObject: true }));
  if (info.channels !== 3)
    throw new ServiceError('unsupported', `${what}: decodes to ${info.channels} channels, not to RGB`);
  return rasterOf(info, data);
}

/** A raster (with its padding) as input of libvips. */
export function pictureOf(raster: Raster): Sharp {
  const raw = { width: raster.stride, height: raster.rows, channels: 3 as const };
  return sharp(raster.pixels, { raw, limitInputPixels: maxPixelsInMemory });
}

/** The beginning of what libvips says: it repeats itself for every tile, and a person needs it once. */
function complaint(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))].slice(0, 3).join('; ').slice(0, 300);
}

/** Waits for libvips and says its complaints in the service's terms. */
export async function decoding<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const isMissing = /not configured|not implemented|unsupported|operation is blocked/i.test(message);
    const [kind, advice] = isMissing
      ? (['unsupported', 'save it in another way'] as const)
      : (['damaged', 'it was damaged on its way, or as it was written: upload or export it again'] as const);
    throw new ServiceError(kind, `${what}: cannot be decoded (${complaint(message)}); ${advice}`, { cause });
  }
}
