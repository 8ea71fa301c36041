import { crc32 } from 'node:zlib';
import { ServiceError } from '../core/errors.ts';
import type { SlideFormat } from './format.ts';
import { checkPicture, pictureSlide } from './picture.ts';

const signature = '\x89PNG\r\n\x1a\n';

/** Bytes of signature, IHDR, an IDAT that holds something, and IEND. */
const leastBytes = 8 + 25 + 13 + 12;

/** Samples per pixel and possible bit depths of each colour type. */
const colourTypes: ReadonlyMap<number, { samples: number; depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);

/** Deflate makes nothing smaller than this many times. */
const maxDeflateRatio = 1032;

/** A plain PNG, decoded as a whole. Only its header is read here. @see PNG specification, 11.2.2 */
export const pngPicture: SlideFormat = {
  name: 'png',
  async parse(source, signal) {
    if (source.size < 8) return undefined;
    const head = await source.read(0, Math.min(33, source.size), signal);
    if (head.toString('latin1', 0, 8) !== signature) return undefined;
    const { name } = source;
    const wrong = (what: string): ServiceError =>
      new ServiceError('damaged', `${name}: a PNG ${what}; it was cut short or damaged, upload it again`);
    if (source.size < leastBytes) throw wrong(`of ${source.size} bytes`);
    if (head.readUInt32BE(8) !== 13 || head.toString('latin1', 12, 16) !== 'IHDR')
      throw wrong('without IHDR');
    if (crc32(head.subarray(12, 29)) !== head.readUInt32BE(29))
      throw wrong('whose header fails its checksum');
    const size = { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
    const [depth = 0, type = 0, , , interlace = 0] = head.subarray(24);
    const colours = colourTypes.get(type);
    if (!colours?.depths.includes(depth)) throw wrong(`of colour type ${type} with ${depth} bits`);
    checkPicture(name, size, interlace !== 0);
    const raw = (Math.ceil((size.width * depth * colours.samples) / 8) + 1) * size.height;
    if (raw > source.size * maxDeflateRatio)
      throw wrong(`of ${size.width}×${size.height} px in ${source.size} bytes`);
    return pictureSlide('png', size, 1);
  },
};
