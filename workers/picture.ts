import sharp from 'sharp';
import type { PictureTask } from '../src/pyramid/tasks.ts';
import { decoding, strict } from './native.ts';

/** A small picture as an upright sRGB JPEG within `maxSize`; an embedded ICC profile is applied. */
export async function picture({ bytes, maxSize, background, quality }: PictureTask): Promise<Buffer> {
  const [r, g, b] = background;
  // Orientation may need the rows from the bottom up, so the file is not read front to back.
  const upright = sharp(bytes, { ...strict, sequentialRead: false }).autoOrient();
  const flat = upright.flatten({ background: { r, g, b } }).toColourspace('srgb');
  const fitted = flat.resize({ ...maxSize, fit: 'inside', withoutEnlargement: true });
  return await decoding(
    'the picture',
    fitted.jpeg({ quality, chromaSubsampling: '4:4:4', mozjpeg: false }).toBuffer(),
  );
}
