import type { SlideId } from '../core/slide.ts';
import type { SlideRecord } from '../db/catalogue.ts';
import type { JobKind } from './jobs.ts';
import { verify } from './slide-check.ts';
import { convert, renderAhead } from './slide-levels.ts';
import { giveUp, probe, type JobRun, type SlideWorkParts } from './slide-work.ts';

type Work = (parts: SlideWorkParts, record: SlideRecord, run: JobRun) => Promise<JobKind | undefined>;

const works: Readonly<Record<JobKind, Work>> = { probe, convert, 'render-ahead': renderAhead, verify };

/** A job: what, and for which slide. */
export interface Job {
  readonly kind: JobKind;
  readonly slide: SlideId;
}

/**
 * Does one job. Any job may be done twice, and by two at once: the result is the same.
 *
 * @returns what is to be done for the slide next; undefined when that is nothing, or the slide is gone
 * @throws what the work throws; `signal`'s reason when it was stopped
 */
export async function doJob(
  parts: SlideWorkParts,
  { kind, slide }: Job,
  run: JobRun,
): Promise<JobKind | undefined> {
  const record = await parts.catalogue.get(slide);
  if (record === undefined) return undefined;
  const started = performance.now();
  const next = await works[kind](parts, record, run);
  const seconds = (performance.now() - started) / 1000;
  parts.meter?.jobEnded(kind, 'done');
  parts.log.info({ slide, job: kind, seconds }, 'job done');
  return next;
}

/**
 * Takes note that a job was given up.
 *
 * @returns what is to be done for the slide all the same: a slide without extra levels is still to be checked
 */
export async function abandonJob(
  parts: SlideWorkParts,
  { kind, slide }: Job,
  error: unknown,
): Promise<JobKind | undefined> {
  parts.meter?.jobEnded(kind, 'failed');
  await giveUp(parts, slide, error);
  return kind === 'render-ahead' ? 'verify' : undefined;
}
