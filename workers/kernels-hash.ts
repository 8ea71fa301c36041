import { createHash } from 'node:crypto';

/** SHA-256 of a kernels.as, by which the module made of it says which one that was. */
export function hashOfKernels(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
