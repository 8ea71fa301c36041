import { limits } from './tiff/limits.ts';
import { tags } from './tiff/tags.ts';
import { readBytes, type TiffContext } from './tiff/values.ts';

/**
 * The RGB profile of a directory.
 *
 * @returns undefined when there is none, or none that a viewer could apply: over 8 MiB, not RGB, or a header
 *   that contradicts itself
 * @see ICC.1:2022, 7.2
 */
export async function readIcc(context: TiffContext): Promise<Buffer | undefined> {
  const entry = context.directory.entries.get(tags.ICCProfile);
  if (
    entry === undefined ||
    entry.count < 128 ||
    entry.count > limits.iccBytes ||
    ![1, 7].includes(entry.type)
  )
    return undefined;
  const bytes = await readBytes(context, tags.ICCProfile, limits.iccBytes);
  if (bytes === undefined || bytes.toString('latin1', 36, 40) !== 'acsp') return undefined;
  if (bytes.toString('latin1', 16, 20) !== 'RGB ') return undefined;
  const length = bytes.readUInt32BE(0);
  return length < 128 || length > bytes.length ? undefined : bytes.subarray(0, length);
}
