import { checkedOpinions } from '../cases/capsule/check-opinions.ts';
import { verifyCapsule } from '../cases/capsule/verify-capsule.ts';
import { ServiceError } from '../core/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { fingerprintIn } from './verify-signed.ts';

/**
 * Says of a case capsule that every byte of it is as it was signed, and its opinions too, and by which keys. No network
 * is needed.
 *
 * @param key fingerprint that the capsule must have been signed with, or a file that holds it, or the key as PEM
 * @throws {ServiceError} `damaged` with what is not as it was, `unsupported` for what is no capsule
 */
export async function verifyCapsuleFile(source: ByteSource, key: string | undefined): Promise<void> {
  const expected = key === undefined ? undefined : await fingerprintIn(key);
  const capsule = await verifyCapsule(source, new AbortController().signal);
  const { manifest } = capsule;
  const { fingerprint } = manifest.signer;
  if (expected !== undefined && expected !== fingerprint)
    throw new ServiceError(
      'damaged',
      `${source.name} is whole, but was signed with another key: ${fingerprint}, expected ${expected}`,
    );
  const opinions: string[] = [];
  for await (const { signed } of checkedOpinions(source.name, capsule)) {
    const { author, signedAt, version, key } = signed.content;
    opinions.push(`opinion, version ${version}: signed by ${author.name} on ${signedAt} with key ${key}`);
  }
  const { laboratory, exportedAt, entries } = manifest;
  const lines = [
    `${source.name}: a case capsule; all ${entries.length} files in it, and every other byte, are as they were signed`,
    `exported by ${laboratory.name} on ${exportedAt}`,
    `signed with key ${fingerprint}`,
    ...opinions,
    ...(expected === undefined
      ? ['Whose keys these are, the laboratory can tell: compare them with what it names, or give --key.']
      : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
