import { createHash, randomBytes } from 'node:crypto';

/** What tells the time: Unix time, ms. */
export type Clock = () => number;

/** A secret nobody can guess: 256 random bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret that cannot be guessed: its SHA-256, hexadecimal. Never for what people think up. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
