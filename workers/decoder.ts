import { flushCompileCache } from 'node:module';
import { outcomeOf, type Outcome } from '../src/core/errors.ts';
import type { DecoderTask, DecoderTasks } from '../src/pyramid/tasks.ts';
import { compose } from './compose.ts';
import { convertBlock } from './convert-block.ts';
import { flatten } from './flatten.ts';
import { picture } from './picture.ts';
import { shrinkTiles } from './shrink-tiles.ts';
import { verifyTiles } from './verify-tiles.ts';

/** What any task may give. */
export type DecoderResult = DecoderTasks[keyof DecoderTasks]['result'];

// Its process is killed, never ended: what was compiled is kept for the next one now.
flushCompileCache();

/** Runs one task in a Piscina thread; failures come back as data, because classes don't survive the trip. */
export default async function decode(task: DecoderTask): Promise<Outcome<DecoderResult>> {
  return await outcomeOf<DecoderResult>(async () => {
    if (task.task === 'compose') return await compose(task);
    if (task.task === 'shrinkTiles') return await shrinkTiles(task);
    if (task.task === 'picture') return await picture(task);
    if (task.task === 'flatten') return await flatten(task);
    if (task.task === 'verify') return await verifyTiles(task);
    return await convertBlock(task);
  });
}
