import type { SlideId } from '../core/slide.ts';
import type { SlideRecord } from '../db/catalogue.ts';
import { exportSlide } from './exports/make-export.ts';
import type { JobKind } from './jobs.ts';
import { purgeIfDue } from './retention/due.ts';
import { verify } from './slide-check.ts';
import { convert, renderAhead } from './slide-levels.ts';
import { giveUp, probe, reasonOf, type JobRun, type SlideWorkParts } from './slide-work.ts';

type Work = (parts: SlideWorkParts, record: SlideRecord, run: JobRun) => Promise<JobKind | undefined>;

const works: Readonly<Record<Exclude<JobKind, 'purge'>, Work>> = {
  probe,
  convert,
  export: exportSlide,
  'render-ahead': renderAhead,
  verify,
};

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
  const work = await workFor(parts, { kind, slide });
  if (work === undefined) return undefined;
  const started = performance.now();
  const next = await work(run);
  const seconds = (performance.now() - started) / 1000;
  parts.meter?.jobEnded(kind, 'done');
  parts.log.info({ slide, job: kind, seconds }, 'job done');
  return next;
}

/** What a job does; undefined when its slide is gone. */
async function workFor(parts: SlideWorkParts, { kind, slide }: Job) {
  if (kind === 'purge') return async () => await destroy(parts, slide);
  const record = await parts.catalogue.get(slide);
  return record && (async (run: JobRun) => await works[kind](parts, record, run));
}

/** The job `purge`: cut off anywhere, it goes on when it is done again. */
async function destroy({ purging, log }: SlideWorkParts, slide: SlideId): Promise<undefined> {
  const certificate = purging && (await purgeIfDue(purging, slide));
  if (certificate !== undefined) log.info({ slide, certificate: certificate.sha256 }, 'slide destroyed');
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
  if (kind === 'purge') {
    parts.log.warn({ slide, err: error }, 'slide not destroyed yet; trying again later');
    return undefined;
  }
  if (kind === 'export') {
    parts.log.warn({ slide, err: error }, 'export of a slide given up');
    await parts.exporting?.exports.giveUp(slide, reasonOf(error));
    return undefined;
  }
  await giveUp(parts, slide, error);
  return kind === 'render-ahead' ? 'verify' : undefined;
}
