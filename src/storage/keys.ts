import { ServiceError } from '../core/errors.ts';

/** Longest key, characters; S3 allows 1,024 bytes including the store's own prefix. */
export const maxKeyLength = 512;
/** Longest segment, characters: what every file system takes as a name. */
export const maxSegmentLength = 255;
/** Where a folder store keeps what is not complete yet; no key may start with it, in any store. */
export const partialFolder = '.partial';
/** Where uploads wait until they are complete: first segment of their keys. */
export const uploadsFolder = 'uploads';

const segmentPattern = /^[A-Za-z0-9._-]+$/;
const prefixPattern = /^[A-Za-z0-9._/-]*$/;

/**
 * The key itself, when it is one: `/`-separated segments of `[A-Za-z0-9._-]`, never `.` or `..`, 1–512
 * characters in all, 1–255 per segment, the first not `.partial`.
 *
 * @throws {ServiceError} `invalid`
 */
export function checkKey(key: string): string {
  if (key.length === 0 || key.length > maxKeyLength)
    throw new ServiceError(
      'invalid',
      `an object key of ${key.length} characters: 1 to ${maxKeyLength} are allowed`,
    );
  if (!isKey(key))
    throw new ServiceError(
      'invalid',
      `${JSON.stringify(key.slice(0, 80))} is no object key: segments of A-Z a-z 0-9 . _ - are joined by single slashes`,
    );
  return key;
}

/** Whether {@link checkKey} takes it: a listing passes over what others put beside our objects. */
export function isKey(text: string): boolean {
  const segments = text.split('/');
  return text.length <= maxKeyLength && segments[0] !== partialFolder && segments.every(isSegment);
}

/**
 * The prefix itself, when keys can start with it: whole segments as in {@link checkKey}, then a part of one,
 * which may be empty.
 *
 * @throws {ServiceError} `invalid`
 */
export function checkPrefix(prefix: string): string {
  const whole = prefix.split('/').slice(0, -1);
  if (prefix.length > maxKeyLength || !prefixPattern.test(prefix) || !whole.every(isSegment))
    throw new ServiceError('invalid', `${JSON.stringify(prefix.slice(0, 80))} is no start of an object key`);
  return prefix;
}

/**
 * Refuses a range that no object can have, before anything is allocated.
 *
 * @throws {ServiceError} `invalid`
 */
export function checkRange(offset: number, length: number): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw new ServiceError('invalid', `no range of ${length} bytes from ${offset}`);
}

function isSegment(segment: string): boolean {
  return (
    segmentPattern.test(segment) && segment !== '.' && segment !== '..' && segment.length <= maxSegmentLength
  );
}
