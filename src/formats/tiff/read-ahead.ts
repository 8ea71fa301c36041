import { ServiceError } from '../../core/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';

const blockBytes = 65_536;
const maxBlocks = 64;

/**
 * The same source, read in blocks of 64 KiB where little is asked for: a TIFF's directories are a few hundred
 * bytes each and mostly lie together, so a slide costs a handful of reads instead of hundreds. At most 4 MiB are
 * kept; longer reads go straight through.
 */
export function readAhead(source: ByteSource): ByteSource {
  const blocks = new Map<number, Promise<Buffer>>();
  const block = (index: number, signal?: AbortSignal): Promise<Buffer> => {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const at = index * blockBytes;
    const promise = source.read(at, Math.min(blockBytes, source.size - at), signal);
    blocks.set(index, promise);
    promise.catch(() => blocks.delete(index));
    const oldest = blocks.keys().next();
    if (blocks.size > maxBlocks && !oldest.done) blocks.delete(oldest.value);
    return promise;
  };
  const read = async (offset: number, length: number, signal?: AbortSignal): Promise<Buffer> => {
    if (offset < 0 || length < 0 || offset + length > source.size)
      throw new ServiceError(
        'damaged',
        `${source.name}: ${length} bytes at ${offset} reach beyond the end of the file (${source.size} bytes); upload it again`,
      );
    if (length === 0) return Buffer.alloc(0);
    if (length > blockBytes) return source.read(offset, length, signal);
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + length - 1) / blockBytes);
    const head = await block(first, signal);
    const start = offset - first * blockBytes;
    if (first === last) return head.subarray(start, start + length);
    const tail = await block(last, signal);
    return Buffer.concat([head.subarray(start), tail.subarray(0, length - (head.length - start))]);
  };
  return { name: source.name, size: source.size, read };
}
