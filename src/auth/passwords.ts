import { randomBytes, randomInt, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';

/** Shortest password that is accepted, characters. */
export const minPasswordLength = 12;
/** Longest password that is accepted, characters: hashing must not be a way to keep the service busy. */
export const maxPasswordLength = 256;

/** Cost of scrypt: 128 MiB and about 0.4 s of a core. `log2N`, `r` and `p` stand in every hash, so they can grow. */
const cost = { log2N: 17, r: 8, p: 1 } as const;
const keyBytes = 32;
/** Two at a time take 256 MiB; the others wait, or are sent away. */
const hashing = new PQueue({ concurrency: 2 });
const maxWaiting = 64;

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** A hash as it is kept: `scrypt$log2N$r$p$salt$key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  const { log2N, r, p } = cost;
  return ['scrypt', log2N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** What a password is compared with where there is no account, so that the answer takes as long. */
const nobodysHash = `scrypt$${cost.log2N}$${cost.r}$${cost.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/**
 * Whether a password is the one that was hashed; takes as long where there is none.
 *
 * @param kept undefined or null where there is no such account, or none with a password
 * @throws {ServiceError} `busy`
 */
export async function isPassword(password: string, kept: string | null | undefined): Promise<boolean> {
  const [, log2N, r, p, salt = '', key = ''] = (kept ?? nobodysHash).split('$');
  const expected = Buffer.from(key, 'base64url');
  const limits = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64url'), limits);
  return timingSafeEqual(actual, expected) && typeof kept === 'string';
}

async function derive(
  password: string,
  salt: Buffer,
  { log2N, r, p }: { readonly log2N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  if (hashing.size >= maxWaiting)
    throw new ServiceError('busy', `${maxWaiting} people are waiting to sign in; try again in a second`);
  const N = 2 ** log2N;
  // The same letters may be written as different code points, by different keyboards.
  const text = password.normalize('NFKC');
  return await hashing.add(() => deriveKey(text, salt, keyBytes, { N, r, p, maxmem: 256 * N * r }));
}

/** @throws {ServiceError} `invalid` when a password that somebody chose is too easy to guess */
export function checkNewPassword(password: string, { email }: { readonly email: string }): void {
  const length = Array.from(password).length;
  if (length < minPasswordLength || length > maxPasswordLength)
    throw new ServiceError(
      'invalid',
      `new: a password has ${minPasswordLength} to ${maxPasswordLength} characters; this has ${length}`,
    );
  const plain = password.toLowerCase();
  if (plain.includes(email) || new Set(plain).size < 5)
    throw new ServiceError('invalid', 'new: this password is easily guessed; take a few unrelated words');
}

/** Letters and digits that are not taken for one another when read from paper. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password for one sign-in: 20 characters in groups of five, 99 random bits. */
export function newOneTimePassword(): string {
  return Array.from({ length: 4 }, letters).join('-');
}

function letters(): string {
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
