import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { indexObject, original, slideKey } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { SlideId } from '../core/slide.ts';
import {
  factsOf,
  type Catalogue,
  type SlideFacts,
  type SlideRecord,
  type SlideState,
} from '../db/catalogue.ts';
import type { ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import { buildIndex } from '../pyramid/build-index.ts';
import { encodeIndex } from '../pyramid/tile-index-codec.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { SourceSpec, StoreSpec } from '../storage/byte-source.ts';
import { objectSource, openSource } from '../storage/sources.ts';
import type { Store } from '../storage/store.ts';
import type { Library } from '../tiles/library.ts';
import type { ConversionPool } from './conversion-pool.ts';
import type { ExportParts } from './exports/slide-exports.ts';
import { refuseSeveral } from './file-list.ts';
import type { JobKind } from './jobs.ts';
import { asShown, planFor } from './plan.ts';
import type { PurgeParts } from './retention/purge.ts';

/** What the work for slides stands on. */
export interface SlideWorkParts {
  readonly store: Store;
  readonly storeSpec: StoreSpec;
  readonly catalogue: Catalogue;
  readonly library: Library;
  readonly pool: ConversionPool;
  /** Folder for what is being made; emptied by whoever starts the service. */
  readonly workFolder: string;
  /** JPEG quality of tiles that are made, 1–100. */
  readonly quality: number;
  /** Whether zoom levels that a slide lacks are made before anybody asks for them. */
  readonly rendersAhead: boolean;
  /** What makes files of slides; absent where there are no rows that say which are wanted. */
  readonly exporting?: ExportParts | undefined;
  /** What destroys deleted slides; absent where there are no rows that say which. */
  readonly purging?: PurgeParts | undefined;
  /** Slides that stay where they are. */
  readonly local: ReadonlyMap<SlideId, LocalOriginal>;
  /** How slides are read that were imported where they lie; undefined for one that was not. */
  readonly elsewhere?: ((record: SlideRecord) => Promise<SourceSpec | undefined>) | undefined;
  /** Tells every process that has a slide open that it is published anew. */
  readonly announce: (id: SlideId) => Promise<void>;
  /** Counts what is done; default: nobody counts. */
  readonly meter?: WorkMeter;
  readonly log: Logger;
}

/** What counts the work. */
export interface WorkMeter {
  jobEnded(kind: JobKind, outcome: 'done' | 'failed'): void;
  /** @param pixels read, since the last call */
  converted(pixels: number): void;
}

/** A file of somebody else's that is shown as a slide. */
export interface LocalOriginal {
  readonly path: string;
  readonly onProgress: ReportProgress;
}

/** One job under way. */
export interface JobRun {
  readonly signal: AbortSignal;
  /** Resolves when nothing more urgent is under way here. */
  readonly turn: () => Promise<void>;
}

/** What came of the first look at a slide, and what is to be done next. */
export interface Examined {
  readonly state: SlideState;
  readonly facts?: SlideFacts;
  readonly next: JobKind;
}

/**
 * Reads a slide's structure: then it is either published, or waits for its conversion. Its row is left to the caller.
 *
 * @throws {ServiceError} `unsupported`, `damaged`
 */
export async function examine(
  parts: SlideWorkParts,
  record: SlideRecord,
  signal: AbortSignal,
): Promise<Examined> {
  // Whatever the slide is, its overview, its levels or its check will be asked of the decoder in a moment.
  parts.pool.wake();
  const { slide, bytes } = await readSlide(parts, record, signal);
  if (planFor(slide).kind !== 'direct')
    return { state: { kind: 'converting', progress: 0 }, next: 'convert' };
  const index = buildIndex(slide, [{ name: original, size: bytes }]);
  await publish(parts, record.id, index);
  const facts = factsOf(index.properties);
  return { state: { kind: 'viewable' }, facts, next: parts.rendersAhead ? 'render-ahead' : 'verify' };
}

/** The job `probe`: the first look at a slide that is in the store. @returns what is to be done next */
export async function probe(
  parts: SlideWorkParts,
  record: SlideRecord,
  { signal }: JobRun,
): Promise<JobKind | undefined> {
  if (record.state.kind !== 'receiving' && record.state.kind !== 'checking') return undefined;
  const { state, next } = await examine(parts, record, signal);
  return (await parts.catalogue.setState(record.id, state, ['receiving', 'checking'])) ? next : undefined;
}

/** Writes an index, then lets everybody know. */
export async function publish(parts: SlideWorkParts, id: SlideId, index: TileIndex): Promise<void> {
  await parts.store.put(slideKey(id, indexObject), encodeIndex(index));
  await parts.catalogue.describe(id, factsOf(index.properties));
  await parts.announce(id);
}

/** A slide's structure as it is shown, and its size in bytes. @throws {ServiceError} `unsupported`, `damaged` */
export async function readSlide(
  parts: SlideWorkParts,
  record: SlideRecord,
  signal: AbortSignal,
): Promise<{ readonly slide: ParsedSlide; readonly source: SourceSpec; readonly bytes: number }> {
  const spec = await originalOf(parts, record);
  if (spec.kind === 'object') await refuseSeveral(parts.store, record.id);
  await using opened = spec.kind === 'object' ? undefined : await openSource(spec);
  const source = opened ?? (await objectSource(parts.store, slideKey(record.id, original), record.name));
  return { slide: asShown(await parseSlide(source, signal)), source: spec, bytes: source.size };
}

/** The original as workers can open it. */
async function originalOf(parts: SlideWorkParts, record: SlideRecord): Promise<SourceSpec> {
  const { local, storeSpec, elsewhere } = parts;
  const { id, name } = record;
  const file = local.get(id);
  if (file !== undefined) return { kind: 'file', path: file.path, name };
  const theirs = await elsewhere?.(record);
  if (theirs !== undefined) return theirs;
  return { kind: 'object', store: storeSpec, key: slideKey(id, original), name };
}

/** Notes why a slide cannot be shown. One that can be viewed already stays so. */
export async function giveUp(parts: SlideWorkParts, id: SlideId, error: unknown): Promise<void> {
  const isExpected = error instanceof ServiceError;
  parts.log[isExpected ? 'warn' : 'error']({ slide: id, err: error }, 'work for a slide given up');
  const reason = reasonOf(error);
  await parts.catalogue.setState(id, { kind: 'failed', reason }, ['checking', 'converting']);
}

/** Why work ended, as people are told. */
export function reasonOf(error: unknown): string {
  if (error instanceof ServiceError) return error.message;
  return 'Something went wrong here; the log of the service says more.';
}
