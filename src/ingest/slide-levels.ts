import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { pyramid, slideKey } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import { canBeViewed, type SlideRecord } from '../db/catalogue.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import { CancelledError, type JobKind } from './jobs.ts';
import { makeSlidePyramid } from './make-slide-pyramid.ts';
import { planFor } from './plan.ts';
import { publish, readSlide, type JobRun, type SlideWorkParts } from './slide-work.ts';

/** Least time between two notes of progress, ms. */
const noteMs = 400;

/**
 * The job `convert`: makes the pyramid of a slide that cannot be served as it is, then publishes it.
 *
 * Begins anew when it was cut off; done twice it gives the same. @returns what is to be done next
 */
export async function convert(
  parts: SlideWorkParts,
  record: SlideRecord,
  run: JobRun,
): Promise<JobKind | undefined> {
  const { id } = record;
  // Published before a crash, but not noted as done.
  if (canBeViewed(record.state)) return 'verify';
  if (record.state.kind !== 'converting') return undefined;
  const unwanted = new AbortController();
  const signal = AbortSignal.any([run.signal, unwanted.signal]);
  const notes = notesOf(parts, record, () => unwanted.abort(new CancelledError(id)));
  const index = await make(parts, record, { signal, onProgress: notes.report });
  await notes.written();
  signal.throwIfAborted();
  await publish(parts, id, index);
  return (await parts.catalogue.setState(id, { kind: 'viewable' }, ['converting'])) ? 'verify' : undefined;
}

/** The job `render-ahead`: makes the levels that a viewable slide lacks. @returns what is to be done next */
export async function renderAhead(
  parts: SlideWorkParts,
  record: SlideRecord,
  { signal }: JobRun,
): Promise<JobKind | undefined> {
  const { id, state } = record;
  if (state.kind !== 'viewable') return undefined;
  if (!parts.rendersAhead) return 'verify';
  const { index: published } = await parts.library.reopen(id);
  if (published.made.length > 0 || published.objects.length > 1) return 'verify';
  const { slide } = await readSlide(parts, record, signal);
  // Of a slide that was converted nothing is missing.
  if (planFor(slide).kind !== 'direct') return 'verify';
  const index = await make(parts, record, { signal, onProgress: onProgressOf(parts, record), published });
  if (index !== published) await publish(parts, id, index);
  return 'verify';
}

interface Making {
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
  readonly published?: TileIndex;
}

/** Makes `pyramid.tif` in the work folder and moves it into the store. */
async function make(parts: SlideWorkParts, record: SlideRecord, making: Making): Promise<TileIndex> {
  const { store, pool, workFolder, quality } = parts;
  const { signal } = making;
  const { slide, source, bytes } = await readSlide(parts, record, signal);
  const folder = join(workFolder, record.id);
  try {
    const job = { slide, source, sourceBytes: bytes, pool, quality, workFolder: folder };
    let seen = 0;
    const onProgress: ReportProgress = (done, total) => {
      parts.meter?.converted(Math.max(0, done - seen));
      seen = done;
      making.onProgress(done, total);
    };
    const made = await makeSlidePyramid({ ...job, ...making, onProgress });
    if (made.path !== undefined)
      await store.putFile(slideKey(record.id, pyramid), made.path, { move: true, signal });
    return made.index;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function onProgressOf({ local }: SlideWorkParts, { id }: SlideRecord): ReportProgress {
  return local.get(id)?.onProgress ?? (() => {});
}

/**
 * Writes progress to the slide's row, one note at a time, so that none can overtake the final state.
 *
 * @param onGone told when the slide is not being converted any more: deleted, or cancelled
 */
function notesOf(
  parts: SlideWorkParts,
  record: SlideRecord,
  onGone: () => void,
): { report: ReportProgress; written(): Promise<void> } {
  const { catalogue, log } = parts;
  const notes = new PQueue({ concurrency: 1 });
  const tell = onProgressOf(parts, record);
  let said = 0;
  let saidAt = 0;
  const note = async (progress: number) => {
    try {
      if (!(await catalogue.setState(record.id, { kind: 'converting', progress }, ['converting']))) onGone();
    } catch (error) {
      log.warn({ slide: record.id, err: error }, 'progress not noted');
    }
  };
  const report: ReportProgress = (done, total) => {
    tell(done, total);
    const progress = Math.floor((100 * done) / Math.max(1, total)) / 100;
    const now = performance.now();
    if (progress <= said || notes.size > 0 || now - saidAt < noteMs) return;
    [said, saidAt] = [progress, now];
    void notes.add(() => note(progress));
  };
  return { report, written: () => notes.onIdle() };
}
