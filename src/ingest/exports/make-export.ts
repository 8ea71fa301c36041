import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../core/errors.ts';
import { exportKey } from '../../core/objects.ts';
import type { ReportProgress } from '../../core/progress.ts';
import type { SlideRecord } from '../../db/catalogue.ts';
import type { DeepZoomTiles } from '../../pyramid/export-dzi.ts';
import { exportPyramid } from '../../pyramid/export-pyramid.ts';
import { exportSzi } from '../../pyramid/export-szi.ts';
import { deepZoomTilesOf } from '../../tiles/exported-tiles.ts';
import type { OpenSlide } from '../../tiles/library.ts';
import { maxLosses } from '../boss.ts';
import type { JobKind } from '../jobs.ts';
import type { JobRun, SlideWorkParts } from '../slide-work.ts';
import type { ExportParts, SlideExport } from './slide-exports.ts';

/** Between two notes of progress; as long as it takes at most until a cancelled export ends, ms. */
const noteMs = 500;
/** How long to wait when viewers have filled the line of renderings, ms. */
const busyMs = 200;

/**
 * The job `export`: makes all files that a slide was asked for as, one after the other.
 *
 * Only of a slide that is complete, so that what its check found damaged does not leave. The label never leaves.
 *
 * @throws {ServiceError} `damaged` when the slide has tiles that are
 */
export async function exportSlide(
  parts: SlideWorkParts,
  record: SlideRecord,
  run: JobRun,
): Promise<JobKind | undefined> {
  const { exporting } = parts;
  if (exporting === undefined || record.state.kind !== 'complete') return undefined;
  for (;;) {
    run.signal.throwIfAborted();
    const wanted = await exporting.exports.begin(record.id);
    if (wanted === undefined) return undefined;
    if (wanted.tries > maxLosses)
      await exporting.exports.fail(
        wanted.id,
        `The service ended ${maxLosses} times while it made this file; ask for the other format.`,
      );
    else await makeWanted({ ...parts, ...exporting }, record, wanted, run.signal);
  }
}

type Parts = SlideWorkParts & ExportParts;

/** Makes one file, unless it is not wanted any more. */
async function makeWanted(
  parts: Parts,
  record: SlideRecord,
  wanted: SlideExport,
  stop: AbortSignal,
): Promise<void> {
  const { exports, log } = parts;
  const unwanted = new AbortController();
  let progress = 0;
  const note = async () => {
    if (!(await exports.note(wanted.id, progress)))
      unwanted.abort(new ServiceError('conflict', `export ${wanted.id} was cancelled`));
  };
  const notes = setInterval(
    () => void note().catch((err: unknown) => log.warn({ err }, 'progress of an export not noted')),
    noteMs,
  );
  const signal = AbortSignal.any([stop, unwanted.signal]);
  const onProgress: ReportProgress = (done, total) =>
    void (progress = Math.floor((100 * done) / Math.max(1, total)) / 100);
  try {
    const bytes = await make(parts, record, wanted, { signal, onProgress });
    if (!(await exports.finish(wanted.id, bytes))) await dropUnwanted(parts, record, wanted);
  } catch (error) {
    if (!unwanted.signal.aborted || stop.aborted) throw error;
    await dropUnwanted(parts, record, wanted);
  } finally {
    clearInterval(notes);
  }
}

/** Nothing is left of what was cancelled; what another worker has finished meanwhile stays. */
async function dropUnwanted(
  { exports, store }: Parts,
  { id }: SlideRecord,
  wanted: SlideExport,
): Promise<void> {
  if ((await exports.find(id, wanted.id)) === undefined) await store.delete(exportKey(id, wanted.id));
}

interface Making {
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/** Writes one file into the store. @returns its size, bytes */
async function make(
  parts: Parts,
  { id, name }: SlideRecord,
  wanted: SlideExport,
  { signal, onProgress }: Making,
): Promise<number> {
  const { store, library, tiles } = parts;
  const slide = await library.reopen(id);
  refuseDamaged(slide);
  const key = exportKey(id, wanted.id);
  if (wanted.format === 'tiff') await makeTiff(parts, slide, key, { signal, onProgress });
  else {
    const patient = patiently(deepZoomTilesOf(slide, tiles), signal);
    await exportSzi({ tiles: patient, store, name: exportName(name), key, signal, onProgress });
  }
  const head = await store.head(key, signal);
  if (head === undefined) throw new ServiceError('unavailable', `export ${wanted.id} is not in the store`);
  return head.size;
}

/** A slide's name without the ending of its file. */
export function exportName(name: string): string {
  return name.replace(/\.[^.]{1,8}$/, '');
}

/** @throws {ServiceError} `damaged` */
function refuseDamaged({ verification }: OpenSlide): void {
  const damaged = verification.state === 'checked' ? verification.report.damagedTotal : 0;
  if (damaged > 0)
    throw new ServiceError(
      'damaged',
      `${damaged} tiles of this slide are damaged, so it is not exported; send the slide again, or scan it again`,
    );
}

/** Writes the BigTIFF in the work folder, then moves it into the store. */
async function makeTiff(parts: Parts, slide: OpenSlide, key: string, making: Making): Promise<void> {
  const folder = join(parts.workFolder, key.replaceAll('/', '-'));
  await mkdir(folder, { recursive: true });
  try {
    const outPath = join(folder, 'export.tif');
    await exportPyramid({ index: slide.index, objects: slide.objects, outPath, ...making });
    const writing = { move: true, contentType: 'image/tiff', signal: making.signal };
    await parts.store.putFile(key, outPath, writing);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same tiles, waited for while viewers keep the renderer busy: they go first. */
function patiently(tiles: DeepZoomTiles, signal: AbortSignal): DeepZoomTiles {
  const wait = async (make: () => Promise<Buffer>): Promise<Buffer> => {
    for (;;) {
      try {
        return await make();
      } catch (error) {
        if (!(error instanceof ServiceError) || error.kind !== 'busy') throw error;
        await sleep(busyMs, undefined, { signal });
      }
    }
  };
  return {
    ...tiles,
    tile: async (...place) => await wait(() => tiles.tile(...place)),
    picture: async (...picture) => await wait(() => tiles.picture(...picture)),
  };
}
