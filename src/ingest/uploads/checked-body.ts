import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../../core/errors.ts';

/** Checksums a sender may send with each request. @see tus 1.0, checksum extension */
export const checksumAlgorithms = ['sha256', 'crc32'] as const;

/** What the bytes of one request must hash to. */
export interface Checksum {
  readonly algorithm: (typeof checksumAlgorithms)[number];
  /** crc32: 4 bytes, most significant first. */
  readonly digest: Buffer;
}

const digestBytes = { sha256: 32, crc32: 4 } as const;

/** Reads an `Upload-Checksum` header: the algorithm, a space, the digest in base64. @throws {ServiceError} `invalid` */
export function parseChecksum(header: string): Checksum {
  const [name = '', encoded = ''] = header.trim().split(' ');
  const algorithm = checksumAlgorithms.find((one) => one === name);
  if (algorithm === undefined)
    throw new ServiceError(
      'invalid',
      `Upload-Checksum: ${name.slice(0, 20)} is none of ${checksumAlgorithms.join()}`,
    );
  const digest = Buffer.from(encoded, 'base64');
  if (digest.length !== digestBytes[algorithm])
    throw new ServiceError(
      'invalid',
      `Upload-Checksum: a digest of ${algorithm} has ${digestBytes[algorithm]} bytes`,
    );
  return { algorithm, digest };
}

/** The bytes of a request on their way to the disk, hashed as they pass. */
export interface CheckedBody extends AsyncIterable<Buffer> {
  /** Whether what has passed is what the checksum was made of; true without one. */
  isRight(): boolean;
}

/** Passes a stream on, and ends where it breaks off, so that what came is kept. */
export function checkedBody(stream: Readable, checksum: Checksum | undefined): CheckedBody {
  const hash = checksum && hasher(checksum.algorithm);
  async function* pass(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream) {
        const bytes = Buffer.from(chunk);
        hash?.update(bytes);
        yield bytes;
      }
    } catch {
      // Whatever broke the line, the sender sees it, and goes on from what is kept.
    }
  }
  const isRight = () => hash === undefined || checksum === undefined || hash.digest().equals(checksum.digest);
  return { [Symbol.asyncIterator]: pass, isRight };
}

interface Hasher {
  update(bytes: Buffer): void;
  digest(): Buffer;
}

function hasher(algorithm: Checksum['algorithm']): Hasher {
  if (algorithm === 'sha256') {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  }
  let crc = 0;
  return {
    update: (bytes) => (crc = crc32(bytes, crc)),
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return bytes;
    },
  };
}
