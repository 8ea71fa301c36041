import { inject } from 'vitest';
import type { SampleLayout } from '../samples/make-sample.ts';

/**
 * A slide that is made once for all test files of a run: to be read, never to be written.
 *
 * `svs`: 8000 × 6000 px, 4 MB; `deflate`, which must be converted: 4096 × 4096 px, 10 MB. Making one takes some
 * seconds of the processor.
 *
 * @returns its path
 */
export async function sharedSample(layout: SampleLayout & ('svs' | 'deflate')): Promise<string> {
  const answer = await fetch(`${inject('sharedServices')}/samples/${layout}`);
  if (!answer.ok) throw new Error(await answer.text());
  // oxlint-disable-next-line no-unsafe-type-assertion -- made by the tests' own set-up
  return (await answer.json()) as string;
}
