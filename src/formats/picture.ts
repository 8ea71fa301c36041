import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { ParsedSlide } from './format.ts';

/** Pixels of a picture: a JPEG of 65,500 × 65,500 is the largest that can exist. */
export const maxPicturePx = 4_300_000_000;

/** Pixels of a picture that must be held in memory as a whole: progressive JPEG, interlaced PNG. */
export const maxWholePicturePx = 2 ** 27;

/** @throws {ServiceError} `damaged` for no pixels, `too-large` for too many */
export function checkPicture(name: string, { width, height }: Size, isWhole: boolean): void {
  if (width < 1 || height < 1)
    throw new ServiceError('damaged', `${name}: a picture of ${width}×${height} px; save it again`);
  if (width * height > maxPicturePx)
    throw new ServiceError(
      'too-large',
      `${name}: a picture of ${width}×${height} px, the limit is ${maxPicturePx} px; save it as pyramidal TIFF`,
    );
  if (isWhole && width * height > maxWholePicturePx)
    throw new ServiceError(
      'too-large',
      `${name}: a progressive or interlaced picture of ${width}×${height} px, the limit is ${maxWholePicturePx} px; save it as baseline JPEG or without interlacing`,
    );
}

/**
 * A picture as a slide without levels.
 *
 * @param stored size as the file says; `properties.size` is that of the upright picture
 * @param orientation EXIF, 1–8; 5 to 8 swap the sides
 */
export function pictureSlide(kind: 'jpeg' | 'png', stored: Size, orientation: number): ParsedSlide {
  const size = orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
  return {
    properties: { format: kind, vendor: 'generic', size, background: [255, 255, 255] },
    levels: [],
    picture: { kind, size: stored },
    associated: [],
  };
}
