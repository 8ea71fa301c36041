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
async function tiffAssociated(
  context: TiffContext,
  name: AssociatedImage['name'],
): Promise<AssociatedImage | undefined> {
  try {
    const layout = await readLayout(context);
    const { size, columns, rows, planes } = layout;
    if (size.width * size.height > limits.associated.px) return undefined;
    if (columns * rows * planes > limits.associated.segments) return undefined;
    if (unreadable(layout) !== undefined) return undefined;
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

/**
 * The associated images among some directories: only the first of each name is read, so that a thousand
 * directories called label cost no more than one.
 */
export async function tiffAssociatedImages(
  named: readonly { readonly context: TiffContext; readonly name: AssociatedImage['name'] | undefined }[],
): Promise<AssociatedImage[]> {
  const tried = new Set<string>();
  const found: AssociatedImage[] = [];
  for (const { context, name } of named) {
    if (name === undefined || tried.has(name)) continue;
    tried.add(name);
    const image = await tiffAssociated(context, name);
    if (image !== undefined) found.push(image);
  }
  return found;
}
