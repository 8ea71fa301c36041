import { ServiceError } from '../core/errors.ts';
import { checksumsObject, slideKey } from '../core/objects.ts';
import { canBeViewed, type SlideRecord } from '../db/catalogue.ts';
import { encodeChecksums } from '../pyramid/checksums.ts';
import type { JobKind } from './jobs.ts';
import type { JobRun, SlideWorkParts } from './slide-work.ts';
import { verifyTiles } from './verify.ts';

/**
 * The job `verify`: checks every tile of a slide; then nothing is left to be done for it.
 *
 * What is found is written when the pass is complete, so one that was cut off is made again from its beginning.
 *
 * @throws {ServiceError} `conflict` when the slide was published anew meanwhile
 */
export async function verify(
  parts: SlideWorkParts,
  { id, state }: SlideRecord,
  { signal, turn }: JobRun,
): Promise<JobKind | undefined> {
  const { store, library, pool, log, catalogue, announce } = parts;
  // Of a slide that still arrives not every tile is there.
  if (!canBeViewed(state) || state.kind === 'receiving') return undefined;
  await turn();
  signal.throwIfAborted();
  const started = performance.now();
  const { verification, index, objects, indexCrc } = await library.reopen(id);
  if (verification.state === 'pending') {
    const checksums = await verifyTiles({ index, objects, pool, signal, turn });
    if ((await library.reopen(id)).indexCrc !== indexCrc)
      throw new ServiceError('conflict', `slide ${id} was published anew while it was checked`);
    await store.put(slideKey(id, checksumsObject), encodeChecksums(checksums, indexCrc));
    await announce(id);
    const { checked, damagedTotal } = checksums.report;
    const seconds = (performance.now() - started) / 1000;
    log[damagedTotal > 0 ? 'warn' : 'info']({ slide: id, checked, damagedTotal, seconds }, 'tiles checked');
  }
  await catalogue.setState(id, { kind: 'complete' }, ['viewable']);
  return undefined;
}
