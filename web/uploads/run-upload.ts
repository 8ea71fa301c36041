import { ApiError } from '../api/request.ts';
import { beginUpload, getUpload, type KnownUpload } from '../api/uploads.ts';
import { arrivalOf, type Arrival } from './arrival.ts';
import { pause } from './back-off.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Parcel } from './parcel.ts';
import { persist } from './persist.ts';
import type { UploadMemory } from './remembered.ts';
import { sendSpans, type SpanTarget } from './send-spans.ts';
import { sendWhole } from './send-whole.ts';
import type { Span } from './spans.ts';
import { speedometer } from './speedometer.ts';
import type { Upload } from './upload.ts';

/** What sending needs of a browser. */
export interface UploadParts {
  readonly plan: (file: Blob) => Promise<readonly Span[]>;
  /** SHA-256, hex. */
  readonly hash: (file: Blob, signal: AbortSignal) => Promise<string>;
  readonly memory: UploadMemory;
}

/** What is kept of an upload from one run to the next. */
export interface Course {
  /** Known once the service expects it. */
  uploadId?: string;
  hash?: Promise<string>;
  /** Ends the hashing. */
  readonly over: AbortController;
}

/** One run of an upload. */
export interface Run {
  readonly parcel: Parcel;
  readonly course: Course;
  readonly parts: UploadParts;
  readonly set: (part: Partial<Upload>) => void;
  /** Ends the run; what has arrived stays. */
  readonly signal: AbortSignal;
  /** Called when the line is free for the next upload, before the slide has been read. */
  readonly onSent: () => void;
}

/** A hash that is ready so soon is told before the first byte: then a slide that is here already is not sent. */
const hashPatienceMs = 400;

/** Takes an upload from where it is to its end. @throws {ApiError} · a NotReadableError · an AbortError */
export async function runUpload(run: Run): Promise<Arrival> {
  const { course, parcel, parts, set, signal, onSent } = run;
  set({ state: { kind: 'preparing' } });
  const plan = await parts.plan(parcel.bytes);
  course.hash ??= parts.hash(parcel.bytes, course.over.signal);
  // It is waited for when all else is sent; until then a failure has nobody to tell.
  course.hash.catch(() => {});
  const known = await (course.uploadId === undefined ? begin(run, plan) : find(run, course.uploadId));
  if (known === undefined) return await runWhole(run);
  if ('duplicateOf' in known && known.duplicateOf !== undefined)
    return { kind: 'duplicate', ofSlideId: known.duplicateOf };
  if (!('uploadId' in known)) throw new Error('an upload without an id');
  parts.memory.hold(known.uploadId, AbortSignal.any([signal, course.over.signal]));
  if (known.state === 'receiving') await send(run, inOrder(known.spans, plan), course.hash);
  set({ state: { kind: 'checking' }, sentBytes: parcel.bytes.size, bytesPerSecond: 0 });
  onSent();
  return await arrivalOf(known.uploadId, signal);
}

/** Tells the service what is to come. @returns undefined when it keeps no uploads */
async function begin({ parcel, course, parts, set, signal }: Run, spans: readonly Span[]) {
  const { name, bytes, files, handle } = parcel;
  const sha256 = await Promise.race([
    course.hash?.catch(() => undefined),
    pause(hashPatienceMs, signal).then(() => undefined),
  ]);
  const announced = { name, size: bytes.size, spans, files, sha256 };
  const begun = await persist(
    () => beginUpload(announced, signal).catch(unlessUnknown),
    signal,
    (trouble) => set({ state: { kind: 'preparing', trouble } }),
  );
  if (begun === undefined || !('uploadId' in begun)) return begun;
  const { uploadId, slideId } = begun;
  course.uploadId = uploadId;
  set({ uploadId, slideId });
  await parts.memory.remember({ uploadId, fingerprint: await fingerprintOf(bytes), handle });
  return begun;
}

/** Undefined for a service that has no such address: it keeps no uploads. @throws whatever else it is */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
}

/** Sends all of it in one request. */
async function runWhole({ parcel, set, signal, onSent }: Run): Promise<Arrival> {
  set({ state: { kind: 'sending' } });
  await sendWhole(parcel.name, parcel.bytes, signal);
  onSent();
  return { kind: 'arrived' };
}

/** What the service has of an upload begun before. */
async function find({ set, signal }: Run, uploadId: string): Promise<KnownUpload> {
  return await persist(
    () => getUpload(uploadId, signal),
    signal,
    (trouble) => set({ state: { kind: 'preparing', trouble } }),
  );
}

/** Spans in the order of the plan; the service lists them in that of the file. */
function inOrder(spans: readonly SpanTarget[], plan: readonly Span[]): readonly SpanTarget[] {
  const rank = new Map(plan.map(({ start }, i) => [start, i]));
  const of = ({ start }: Span) => rank.get(start) ?? plan.length;
  return spans.toSorted((a, b) => of(a) - of(b));
}

async function send(
  { parcel, set, signal }: Run,
  spans: readonly SpanTarget[],
  wholeHash: Promise<string>,
): Promise<void> {
  const speed = speedometer();
  set({ state: { kind: 'sending' } });
  const sending = {
    file: parcel.bytes,
    spans,
    wholeHash,
    onArrived: (arrived: number) =>
      set({ sentBytes: arrived, bytesPerSecond: speed(arrived, performance.now()) }),
    onTrouble: (trouble: string | undefined) =>
      set({ state: { kind: 'sending', trouble }, ...(trouble !== undefined && { bytesPerSecond: 0 }) }),
  };
  await sendSpans(sending, signal);
}
