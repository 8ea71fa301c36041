import { ServiceError } from '../core/errors.ts';
import { checkRange } from './keys.ts';

/**
 * Refuses a range outside a source before anything is allocated.
 *
 * @throws {ServiceError} `damaged` beyond the end, `invalid` for what is no range
 */
export function checkWithin(source: { name: string; size: number }, offset: number, length: number): void {
  checkRange(offset, length);
  if (offset + length > source.size)
    throw new ServiceError(
      'damaged',
      `${source.name}: ${length} bytes from ${offset} reach beyond its end at ${source.size}`,
    );
}
