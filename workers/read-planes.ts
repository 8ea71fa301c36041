import sharp from 'sharp';
import { ServiceError } from '../src/core/errors.ts';
import type { Rect, Size } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import type { TiffRecipe } from '../src/formats/format.ts';
import { newRaster, type Raster } from '../src/pyramid/box-shrink.ts';
import { fieldOf } from '../src/pyramid/recipe.ts';
import { buildTiff } from '../src/pyramid/tiff-writer.ts';
import { decoding, strict } from './native.ts';

const rgb = 2;

/**
 * Decodes RGB (and transparency) whose tiles lie in planes of their own, which libvips does not read: each plane as
 * a grey picture.
 *
 * @param segments of all planes, plane after plane
 * @param size of the image that they make
 * @param part of it that is wanted
 */
export async function decodePlanes(
  recipe: TiffRecipe,
  segments: readonly Uint8Array[],
  size: Size,
  part: Rect,
  context: { readonly background: Rgb; readonly what: string },
): Promise<Raster> {
  const { planes } = recipe;
  if (fieldOf(recipe, 262) !== rgb || planes < 3 || planes > 4)
    throw new ServiceError(
      'unsupported',
      `${context.what}: ${planes} separate planes that are not RGB; save them as interleaved RGB`,
    );
  const perPlane = segments.length / planes;
  const grey = Array.from({ length: planes }, (_, plane) => {
    const own = segments.slice(plane * perPlane, (plane + 1) * perPlane);
    return decodePlane(recipe, own, size, part, context.what);
  });
  return interleaved(await Promise.all(grey), part, context.background);
}

/** One plane as bytes. */
async function decodePlane(
  recipe: TiffRecipe,
  segments: readonly Uint8Array[],
  size: Size,
  { left, top, width, height }: Rect,
  what: string,
): Promise<Buffer> {
  const single = new Map([
    [258, [fieldOf(recipe, 258) ?? 8]],
    [262, [1]],
    [277, [1]],
    [284, [1]],
    [339, [1]],
  ]);
  const fields = recipe.fields
    .filter(({ code }) => code !== 338)
    .map((field) => ({ ...field, values: single.get(field.code) ?? field.values }));
  const picture = sharp(buildTiff({ ...recipe, fields, size, planes: 1 }, segments), strict)
    .extract({ left, top, width, height })
    .toColourspace('b-w')
    .raw();
  const { data, info } = await decoding(what, picture.toBuffer({ resolveWithObject: true }));
  if (info.channels !== 1)
    throw new ServiceError('unsupported', `${what}: a plane of ${info.channels} channels`);
  return data;
}

/** Planes woven into RGB; a fourth is the opacity. */
function interleaved(planes: readonly Uint8Array[], size: Size, background: Rgb): Raster {
  const raster = newRaster(size);
  const [, , , opacity] = planes;
  for (let channel = 0; channel < 3; channel++) {
    const from = planes[channel]!; // there are three or four
    const behind = background[channel]!; // as many as channels
    for (let i = 0, to = channel; i < from.length; i++, to += 3) {
      const value = from[i]!; // i is within each plane
      const alpha = opacity === undefined ? 255 : opacity[i]!; // as long as the others
      raster.pixels[to] = alpha === 255 ? value : Math.round((value * alpha + behind * (255 - alpha)) / 255);
    }
  }
  return raster;
}
