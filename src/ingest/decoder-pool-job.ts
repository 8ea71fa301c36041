import { ServiceError } from '../core/errors.ts';
import type { DecoderTask } from '../pyramid/tasks.ts';
import type { DecoderResult } from './decoder-pool-child.ts';

/** Renderings, which a person waits for, never queue behind conversions. */
export type Lane = 'render' | 'convert';

/** A task on its way through the pool. */
export interface Job {
  readonly id: number;
  readonly task: DecoderTask;
  readonly lane: Lane;
  readonly resolve: (result: DecoderResult) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  /** Children that died while the job was in them. */
  deaths: number;
  timer?: NodeJS.Timeout;
}

/** Said of a job whose children die. */
export function deathOf(job: Job, how: string): ServiceError {
  return new ServiceError('damaged', `decoder died while reading ${subjectOf(job.task)} (${how})`);
}

/** What a task works on, for messages. */
export function subjectOf(task: DecoderTask): string {
  if (task.task === 'compose') return `a tile of ${task.pieces.length} pieces`;
  if (task.task === 'shrinkTiles') return `${task.lengths.length} neighbouring tiles`;
  if (task.task === 'picture') return `a picture of ${task.bytes.length} bytes`;
  if (task.task === 'flatten') return task.name;
  if (task.task === 'verify') return `${task.tiles.length} stored tiles`;
  const { left, top, width, height } = task.block;
  const name = task.input.kind === 'tiff' ? task.input.source.name : 'a reduced level';
  return `${name}: ${width}×${height} px at ${left},${top}`;
}
