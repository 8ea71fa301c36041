import { ServiceError } from '../core/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { exifOrientation } from './exif.ts';
import type { SlideFormat } from './format.ts';
import { checkPicture, pictureSlide } from './picture.ts';
import { isFrame, type JpegHeader, readJpegHeader } from './tiff/jpeg.ts';
import { blockCached } from '../storage/block-cache.ts';

/** Marker segments before the frame header: a profile or a thumbnail of many segments stays far below. */
const maxSegments = 512;

/** A plain JPEG, decoded as a whole. Only its marker segments are read here. */
export const jpegPicture: SlideFormat = {
  name: 'jpeg',
  async parse(plain, signal) {
    const source = blockCached(plain);
    if (source.size < 4) return undefined;
    if ((await source.read(0, 3, signal)).toString('latin1') !== '\xff\xd8\xff') return undefined;
    const { frame, orientation } = await readFrameHeader(source, signal);
    const header = headerOf(source.name, frame);
    check(source, header);
    return pictureSlide('jpeg', header.size, orientation);
  },
};

/** Walks marker segments by range reads up to the frame header. */
async function readFrameHeader(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ frame: Buffer; orientation: number }> {
  let orientation = 1;
  for (let at = 2, count = 0; count < maxSegments; count++) {
    const [ff, code = 0, high = 0, low = 0] = await source.read(at, 4, signal);
    if (ff !== 0xff) throw new ServiceError('damaged', `${source.name}: JPEG: no marker at byte ${at}`);
    if (code === 0xff) {
      at += 1;
      continue;
    }
    if (code === 0xda || code === 0xd9) break;
    const length = 2 + high * 256 + low;
    if (isFrame(code)) return { frame: await source.read(at, length, signal), orientation };
    if (code === 0xe1)
      orientation = exifOrientation(await source.read(at + 4, length - 4, signal)) ?? orientation;
    at += length;
  }
  throw new ServiceError('damaged', `${source.name}: a JPEG without a frame header`);
}

/** A frame header read on its own, as the only segment of a JPEG. */
function headerOf(name: string, frame: Buffer): JpegHeader {
  try {
    return readJpegHeader(Buffer.concat([Buffer.from([0xff, 0xd8]), frame]));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ServiceError(error.kind, `${name}: ${error.message}; upload it again`, { cause: error });
  }
}

/** What libjpeg decodes, and what can be true of a file of this size. */
function check(source: ByteSource, { size, frame, precision, components }: JpegHeader): void {
  const { name } = source;
  const isProgressive = frame === 0xc2 || frame === 0xca;
  if (![0xc0, 0xc1, 0xc2, 0xc9, 0xca].includes(frame) || precision !== 8)
    throw new ServiceError(
      'unsupported',
      `${name}: a JPEG of ${precision} bits, kind SOF${frame - 0xc0}; save it as baseline JPEG of 8 bits`,
    );
  if (![1, 3, 4].includes(components.length))
    throw new ServiceError(
      'unsupported',
      `${name}: a JPEG of ${components.length} components; save it as RGB`,
    );
  checkPicture(name, size, isProgressive);
  // A block of 8 × 8 px takes two bits at least, one in a progressive file.
  const least = (size.width * size.height) / (isProgressive ? 512 : 256);
  if (frame <= 0xc2 && source.size < least)
    throw new ServiceError(
      'damaged',
      `${name}: a JPEG of ${size.width}×${size.height} px takes ${Math.ceil(least)} bytes at least, the file has ${source.size}; it was cut short, upload it again`,
    );
}
