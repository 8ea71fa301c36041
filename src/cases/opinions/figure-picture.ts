import { inflate } from 'node:zlib';
import { promisify } from 'node:util';
import { ServiceError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { jpegSize } from '../../formats/tiff/jpeg.ts';

/** Largest figure, bytes. */
export const maxFigureBytes = 12 * 2 ** 20;

/** Size of a figure that was checked, px. */
export function figureSize(bytes: Buffer): Size {
  if (bytes[0] === 0xff) return jpegSize(bytes);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Most pixels of a figure: a screen of 8K. */
const maxFigurePx = 7680 * 4320;

const unpack = promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(inflate);

/** Samples of a pixel by colour type of a PNG; those with a palette or 16 bits are none a page makes. */
const samplesOf: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [4, 2],
  [6, 4],
]);

/**
 * Whether a picture can be put into a report: its bytes are looked at before any library decodes them, so that none
 * unpacks to more than its size says.
 *
 * @throws {ServiceError} `unsupported`, `damaged`, `too-large`
 */
export async function checkFigure(bytes: Buffer): Promise<void> {
  if (bytes.length > maxFigureBytes)
    throw new ServiceError('too-large', `a figure has at most ${maxFigureBytes / 2 ** 20} MiB`);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    checkSize(figureSize(bytes));
    return;
  }
  if (bytes.length > 33 && bytes.toString('latin1', 1, 8) === 'PNG\r\n\x1a\n') return await checkPng(bytes);
  throw new ServiceError('unsupported', 'a figure is a JPEG or PNG picture');
}

async function checkPng(bytes: Buffer): Promise<void> {
  const { width, height } = figureSize(bytes);
  const [depth, type = 0, , , interlace] = bytes.subarray(24);
  const samples = samplesOf.get(type);
  if (depth !== 8 || samples === undefined || interlace !== 0)
    throw new ServiceError('unsupported', 'a figure that is a PNG has 8 bits, no palette and no interlacing');
  checkSize({ width, height });
  const most = (width * samples + 1) * height;
  let raw: Buffer;
  try {
    raw = await unpack(partsOf(bytes), { maxOutputLength: most });
  } catch (error) {
    throw damaged(error);
  }
  if (raw.length !== most) throw damaged();
}

function damaged(cause?: unknown): ServiceError {
  return new ServiceError('damaged', 'the PNG was cut short or damaged; capture the figure again', { cause });
}

/** The compressed pixels of a PNG. @throws {ServiceError} `damaged` */
function partsOf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) break;
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return Buffer.concat(parts);
    at += 12 + length;
  }
  throw new ServiceError('damaged', 'the PNG has no end; capture the figure again');
}

function checkSize({ width, height }: Size): void {
  if (width < 1 || height < 1 || width * height > maxFigurePx)
    throw new ServiceError('too-large', `a figure of ${width}×${height} px: the largest is 7680×4320`);
}
