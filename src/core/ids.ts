import { randomBytes } from 'node:crypto';

/** How every id is spelled: 32 hexadecimal digits. */
export const idPattern: RegExp = /^[0-9a-f]{32}$/;

/** An id nobody had before: 128 random bits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** The first organisation: it is there from the beginning, and is the only one where there are no accounts. */
export const firstOrganisation: string = '0'.repeat(32);
