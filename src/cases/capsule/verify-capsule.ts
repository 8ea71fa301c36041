import { createHash } from 'node:crypto';
import { ServiceError } from '../../core/errors.ts';
import { ZipWriter } from '../../pyramid/zip-writer.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import {
  isStreamed,
  manifestName,
  maxManifestBytes,
  readManifest,
  signatureName,
  type Manifest,
} from './capsule-manifest.ts';
import { directoryOf, startsLikeZip } from './zip-directory.ts';

/** A capsule that was found to be exactly as it was signed. */
export interface VerifiedCapsule {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest, hexadecimal: by which the same capsule is known again. */
  readonly sha256: string;
  /** The bytes of an entry. @throws {Error} when the manifest names no such entry */
  readonly entry: (name: string) => AsyncIterable<Buffer>;
}

/** Whether a file begins as a capsule does; it may still be none. */
export async function isCapsule(source: ByteSource): Promise<boolean> {
  return await startsLikeZip(source, 'README.txt');
}

/** Bytes read at once. */
const readBytes = 2 ** 20;

/**
 * Compares a capsule, every byte of it, with what was signed.
 *
 * The manifest is held against its signature, each entry against its SHA-256 in the manifest; and then the file as a
 * whole against what our writer makes of these entries, so that headers, dates, names, gaps and whatever stands behind
 * the end count, too. A capsule has therefore exactly one right form. Nothing in it is compressed, so nothing can grow.
 *
 * @throws {ServiceError} `damaged`, saying what is not as it was; `unsupported` for what is no capsule
 */
export async function verifyCapsule(source: ByteSource, signal: AbortSignal): Promise<VerifiedCapsule> {
  const { name } = source;
  const directory = await directoryOf(source);
  const [manifestAt, signatureAt] = directory.slice(-2);
  if (manifestAt?.name !== manifestName || signatureAt?.name !== signatureName)
    throw new ServiceError('unsupported', `${name}: is no case capsule of Telepath, or its end is damaged`);
  if (manifestAt.size > maxManifestBytes || signatureAt.size !== 64)
    throw new ServiceError('damaged', `${name}: its manifest has a size that none has`);
  const manifest = await source.read(manifestAt.bytesAt, manifestAt.size);
  const signature = await source.read(signatureAt.bytesAt, signatureAt.size);
  const said = readManifest(name, manifest, signature);
  const places = await compareAll(source, said, { manifest, signature, signal });
  return {
    manifest: said,
    sha256: createHash('sha256').update(manifest).digest('hex'),
    entry: (entry) => {
      const place = places.get(entry);
      if (place === undefined) throw new Error(`no entry ${entry}`);
      return rangeOf(source, place.at, place.bytes);
    },
  };
}

/** Where the bytes of an entry are. */
interface Place {
  readonly at: number;
  readonly bytes: number;
}

interface Signed {
  readonly manifest: Buffer;
  readonly signature: Buffer;
  readonly signal: AbortSignal;
}

/** Writes the capsule once more out of its own entries, and compares. @throws {ServiceError} `damaged` */
async function compareAll(
  source: ByteSource,
  { entries, exportedAt }: Manifest,
  { manifest, signature, signal }: Signed,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  const zip = new ZipWriter(new Date(exportedAt));
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const write = async () => {
    for (const { name, bytes, sha256 } of entries) {
      const at = zip.bytesAt(name, bytes, isStreamed(name));
      places.set(name, { at, bytes });
      const checked = hashed(source, { name, at, bytes, sha256 });
      if (isStreamed(name)) await zip.addStream(name, bytes, checked, either);
      else await zip.add(name, await whole(checked), either);
    }
    await zip.add(manifestName, manifest, either);
    await zip.add(signatureName, signature, either);
    zip.end();
  };
  const writing = write().catch((error: unknown) => {
    zip.output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    await compare(source, zip.output);
  } finally {
    stop.abort();
    zip.output.destroy();
    await writing;
  }
  return places;
}

/** @throws {ServiceError} `damaged` at the first byte that differs */
async function compare(source: ByteSource, expected: AsyncIterable<Buffer>): Promise<void> {
  let at = 0;
  for await (const part of expected) {
    const there = at + part.length > source.size ? undefined : await source.read(at, part.length);
    if (there === undefined || !there.equals(part))
      throw new ServiceError(
        'damaged',
        `${source.name}: is not as it was written, at or after byte ${at}: it was changed or cut off`,
      );
    at += part.length;
  }
  if (at !== source.size)
    throw new ServiceError('damaged', `${source.name}: ${source.size - at} bytes were added behind its end`);
}

/** An entry's bytes, held against their hash at the end. @throws {ServiceError} `damaged` */
async function* hashed(
  source: ByteSource,
  { name, at, bytes, sha256 }: Place & { readonly name: string; readonly sha256: string },
): AsyncGenerator<Buffer> {
  const wrong = `${source.name}: ${name} in it is not as it was (its SHA-256 is wrong)`;
  if (at + bytes > source.size) throw new ServiceError('damaged', `${source.name}: ends within ${name}`);
  const hash = createHash('sha256');
  for await (const part of rangeOf(source, at, bytes)) {
    hash.update(part);
    yield part;
  }
  if (hash.digest('hex') !== sha256) throw new ServiceError('damaged', wrong);
}

async function* rangeOf(source: ByteSource, at: number, bytes: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < bytes; done += readBytes)
    yield await source.read(at + done, Math.min(readBytes, bytes - done));
}

async function whole(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

/** The bytes of an entry that is not streamed: at most 128 MiB. */
export async function wholeEntry(capsule: VerifiedCapsule, name: string): Promise<Buffer> {
  return await whole(capsule.entry(name));
}
