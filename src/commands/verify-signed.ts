import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { verifyReport } from '../cases/opinions/report-seal.ts';
import { fingerprintOf, type OpinionContent, type Verified } from '../cases/opinions/signed-opinion.ts';
import { spacedCode } from '../cases/opinions/report.ts';
import { ServiceError } from '../core/errors.ts';
import { errorCode } from '../storage/folder-paths.ts';

/**
 * Checks a report of a signed opinion, without any service, and prints who signed it.
 *
 * @param key fingerprint that it must have been signed with, or a file that holds it, or the key as PEM
 * @throws {ServiceError} `damaged` when any byte is not as it was signed, or with another key
 */
export async function verifyReportFile(path: string, key: string | undefined): Promise<void> {
  const name = basename(path);
  const expected = key === undefined ? undefined : await fingerprintIn(key);
  say(name, checked(name, verifyReport(await readFile(path)), expected), expected !== undefined);
}

/** What verified. @throws {ServiceError} `damaged` */
export function checked(
  name: string,
  verified: Verified<OpinionContent>,
  expected: string | undefined,
): OpinionContent {
  if (!verified.isValid) throw new ServiceError('damaged', `${name} is not valid: ${verified.reason}`);
  if (expected !== undefined && verified.key !== expected)
    throw new ServiceError(
      'damaged',
      `${name} is whole, but was signed with another key: ${verified.key}, expected ${expected}`,
    );
  return verified.value;
}

/** The fingerprint that an option names. @throws {ServiceError} `invalid` */
export async function fingerprintIn(key: string): Promise<string> {
  const text = /^[0-9a-f]{64}$/i.test(key) ? key : await fileText(key);
  if (text.includes('-----BEGIN')) return fingerprintOfPem(key, text);
  const found = /\b[0-9a-f]{64}\b/i.exec(text);
  if (found === null)
    throw new ServiceError(
      'invalid',
      `--key ${key}: holds neither a fingerprint of 64 digits nor a key as PEM`,
    );
  return found[0].toLowerCase();
}

function fingerprintOfPem(name: string, pem: string): string {
  try {
    return fingerprintOf(createPublicKey(pem));
  } catch (cause) {
    throw new ServiceError('invalid', `--key ${name}: holds no public key`, { cause });
  }
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new ServiceError('invalid', `--key ${path}: give a fingerprint of 64 digits, or a file`);
  }
}

function say(name: string, content: OpinionContent, isPinned: boolean): void {
  const { author, signedAt, version, code, key } = content;
  const house = author.organisation === '' ? '' : `, ${author.organisation}`;
  process.stdout.write(
    [
      `${name}: every byte is as it was signed`,
      `  signed by  ${author.name}${house}`,
      `  at         ${signedAt}`,
      `  version    ${version}`,
      `  code       ${spacedCode(code)}`,
      `  key        ${key}${isPinned ? ' (as expected)' : ''}`,
      ...(isPinned
        ? []
        : ['Whose key this is, a file cannot tell: compare it with what the service says, or give --key.']),
      '',
    ].join('\n'),
  );
}
