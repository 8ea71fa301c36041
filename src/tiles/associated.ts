import { ServiceError } from '../core/errors.ts';
import { buildTiff } from '../pyramid/tiff-writer.ts';
import type { OpenSlide } from './library.ts';

/** Segments of one associated image read at once. */
const readsAtOnce = 8;

/**
 * An associated image as a small file of its own (TIFF or JPEG), cut out of the slide.
 *
 * @throws {ServiceError} `not-found` when the slide has none of that name
 */
export async function readAssociated(slide: OpenSlide, name: string): Promise<Buffer> {
  const image = slide.index.associated.find((one) => one.name === name);
  const [object] = slide.objects;
  if (image === undefined || object === undefined) {
    const names = slide.index.associated.map((one) => one.name).join(', ') || 'none';
    throw new ServiceError(
      'not-found',
      `slide ${slide.id} has no associated image ${name} (it has: ${names})`,
    );
  }
  if (image.source.kind === 'base64') {
    const { offset, length } = image.source;
    const text = await object.read(offset, length);
    return Buffer.from(text.toString('latin1'), 'base64');
  }
  const { recipe } = image.source;
  const segments: Buffer[] = [];
  for (let i = 0; i < recipe.offsets.length; i += readsAtOnce) {
    const batch = recipe.offsets.slice(i, i + readsAtOnce);
    segments.push(
      ...(await Promise.all(batch.map((offset, j) => object.read(offset, recipe.lengths[i + j] ?? 0)))),
    );
  }
  return buildTiff(recipe, segments);
}
