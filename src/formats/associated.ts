import { ServiceError } from '../core/errors.ts';
import type { AssociatedImage } from './format.ts';
import { unreadable } from './readable.ts';
import { limits } from './tiff/limits.ts';
import { readImage, readLayout, recipeOf } from './tiff/read-image.ts';
import type { TiffContext } from './tiff/values.ts';

/**
 * A directory as an associated image.
 *
 * @returns undefined when it is damaged, too large or can't be decoded: a slide is worth showing without its
 *   label
 */
export async function tiffAssociated(
  context: TiffContext,
  name: AssociatedImage['name'],
): Promise<AssociatedImage | undefined> {
  try {
    const layout = await readLayout(context);
    const { size, columns, rows, planes } = layout;
    if (size.width * size.height > limits.associated.px) return undefined;
    if (columns * rows * planes > limits.associated.segments) return undefined;
    if (unreadable(layout, context.file.isLittleEndian) !== undefined) return undefined;
    const image = await readImage(context, layout);
    const bytes = image.lengths.reduce((sum, length) => sum + length, 0);
    if (bytes === 0 || bytes > limits.associated.bytes) return undefined;
    return { name, size, source: { kind: 'tiff', recipe: recipeOf(image) } };
  } catch (error) {
    if (error instanceof ServiceError && ['damaged', 'too-large', 'unsupported'].includes(error.kind))
      return undefined;
    throw error;
  }
}

/** Only the first image of each name, without those that could not be read. */
export function distinct(images: readonly (AssociatedImage | undefined)[]): AssociatedImage[] {
  const byName = new Map<string, AssociatedImage>();
  for (const image of images)
    if (image !== undefined && !byName.has(image.name)) byName.set(image.name, image);
  return [...byName.values()];
}
