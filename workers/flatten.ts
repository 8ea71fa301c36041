import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { ServiceError } from '../src/core/errors.ts';
import type { Flattened, FlattenTask } from '../src/pyramid/tasks.ts';
import { decoding, maxPixelsStreamed, strict } from './native.ts';

/** Bytes before the pixels of a libvips `.v` file. */
const vipsHeaderBytes = 64;

/**
 * Decodes a whole picture into a raw file: the one case where a native decoder sees a file as it came.
 *
 * It streams, so memory does not grow with the picture. Orientation is not applied here: turning needs all of
 * the picture at once, while the blocks of the raw file can be turned one by one.
 */
export async function flatten(task: FlattenTask): Promise<Flattened> {
  const { path, name, outPath, background, appliesIcc } = task;
  const options = { ...strict, limitInputPixels: maxPixelsStreamed };
  const { orientation = 1, space } = await decoding(name, sharp(path, options).metadata());
  // CMYK means nothing without its profile; RGB keeps the scanner's numbers where the viewer applies it.
  const ignoreIcc = !appliesIcc && space !== 'cmyk';
  const [r, g, b] = background;
  const picture = sharp(path, { ...options, ignoreIcc })
    .flatten({ background: { r, g, b } })
    .toColourspace('srgb');
  const { width, height, channels } = await decoding(name, picture.toFile(outPath));
  if (channels !== 3 || !(await holdsBytes(outPath)))
    throw new ServiceError('unsupported', `${name}: decodes to ${channels} channels of other than 8 bits`);
  return {
    input: { kind: 'raw', path: outPath, offset: vipsHeaderBytes, size: { width, height } },
    orientation,
  };
}

/** Whether a `.v` file says that its samples are unsigned bytes. */
async function holdsBytes(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const header = Buffer.alloc(vipsHeaderBytes);
  await file.read(header, 0, vipsHeaderBytes, 0);
  const [magic, format] = [header.readUInt32LE(0), header.readUInt32LE(20)];
  return magic === 0x08f2a6b6 && format === 0;
}
