import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { ServiceError } from '../../core/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { maxFiles, type SlideFile } from '../file-list.ts';

/** How much larger than the archive its files may be: slides are compressed already, bombs a thousand times larger. */
const maxGrowth = 50;
/** What they may take in any case, bytes: small texts shrink well. */
const harmlessBytes = 16 * 2 ** 20;
/** What operating systems leave in archives. */
const litter = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/;

/** The files of an archive, to be read one behind the other. */
export interface Archive {
  readonly files: readonly SlideFile[];
  /** All bytes of all files, in their order. @throws {ServiceError} `damaged`, in the stream */
  bytes(): Readable;
}

/** Whether a file says that it is a ZIP archive, in its name and its first bytes. */
export async function isArchive(source: ByteSource): Promise<boolean> {
  if (!/\.zip$/i.test(source.name) || source.size < 22) return false;
  return (await source.read(0, 4)).toString('latin1') === 'PK\x03\x04';
}

/**
 * Looks into a ZIP archive; nothing is unpacked before all of it is known to be harmless.
 *
 * @param maxBytes of all its files together
 * @throws {ServiceError} `damaged`, `unsupported` for what is encrypted or compressed in an unknown way, `too-large`,
 *   `invalid` for names that lead out of the archive
 */
export async function openArchive(source: ByteSource, maxBytes: number): Promise<Archive> {
  const zip = await reading(source, () =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
      autoClose: false,
      lazyEntries: true,
      strictFileNames: true,
    }),
  );
  const entries: Entry[] = [];
  await reading(source, async () => {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || litter.test(entry.fileName)) continue;
      entries.push(checked(source, entry));
      if (entries.length > maxFiles)
        throw new ServiceError(
          'too-large',
          `${source.name}: holds more than ${maxFiles} files; zip one slide only`,
        );
    }
  });
  if (entries.length === 0) throw new ServiceError('unsupported', `${source.name}: holds no file`);
  const bytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  const limit = Math.min(maxBytes, harmlessBytes + source.size * maxGrowth);
  if (bytes > limit)
    throw new ServiceError(
      'too-large',
      `${source.name}: its files would take ${bytes} bytes, more than the ${limit} that are allowed; upload them unpacked`,
    );
  const files = entries.map(({ fileName, uncompressedSize }) => ({ path: fileName, size: uncompressedSize }));
  return { files, bytes: () => Readable.from(unpacked(source, zip, entries), { objectMode: false }) };
}

/** @throws {ServiceError} `unsupported` */
function checked(source: ByteSource, entry: Entry): Entry {
  if (entry.isEncrypted())
    throw new ServiceError('unsupported', `${source.name}: is encrypted; zip the slide without a password`);
  if (!entry.canDecodeFileData())
    throw new ServiceError(
      'unsupported',
      `${source.name}: compressed by method ${entry.compressionMethod}; zip the slide with “deflate” or “store”`,
    );
  return entry;
}

async function* unpacked(
  source: ByteSource,
  zip: ZipFile,
  entries: readonly Entry[],
): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const stream = await reading(source, () => zip.openReadStreamPromise(entry));
    let crc = 0;
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      const next = await reading(source, () => chunks.next());
      if (next.done === true) break;
      crc = crc32(next.value, crc);
      yield next.value;
    }
    if (crc !== entry.crc32)
      throw new ServiceError('damaged', `${source.name}: a file in it is not as it was zipped; zip it again`);
  }
}

/** Says what the library found as an error of ours; errors of the source pass. */
async function reading<T>(source: ByteSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const kind = /relative path|absolute path|invalid characters/.test(reason) ? 'invalid' : 'damaged';
    throw new ServiceError(kind, `${source.name}: ${reason}; zip the slide again`, { cause });
  }
}

/** Ranges of a source for the library. */
// A class that inherits, because the library's own interface is one.
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(ranges(this.#source, start, end), { objectMode: false });
  }

  override close(done: (error: Error | null) => void): void {
    // Whoever opened the source closes it.
    done(null);
  }
}

/** Bytes read at once. */
const readBytes = 2 ** 20;

async function* ranges(source: ByteSource, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += readBytes) yield await source.read(at, Math.min(readBytes, end - at));
}
