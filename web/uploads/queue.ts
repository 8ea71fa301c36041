import { ApiError, isAborted } from '../api/request.ts';
import { discardUpload, unfinishedUploads, type KnownUpload } from '../api/uploads.ts';
import type { Arrival } from './arrival.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Parcel } from './parcel.ts';
import { fileBehind } from './remembered.ts';
import { runUpload, type Course, type UploadParts } from './run-upload.ts';
import { persist } from './persist.ts';
import { failureOf, isActive, type Upload } from './upload.ts';

/** The queue as it is now. */
export interface QueueSeen {
  /** Oldest first. */
  readonly uploads: readonly Upload[];
  /** Whether nothing is sent until the person says so. */
  readonly isPaused: boolean;
  /** How many have become slides, or were given up, since the page was loaded. */
  readonly ended: number;
}

/** One upload and what goes with it. */
interface Item {
  upload: Upload;
  parcel?: Parcel;
  course: Course;
  /** Stops what runs now. */
  stop: AbortController;
}

/**
 * Slides on their way, sent one after the other: one fills the line by itself, and the first is usable sooner.
 *
 * Outlives every page of the application; what is left when the browser is closed is taken up again by `restore`.
 */
export class UploadQueue {
  readonly #parts: UploadParts;
  readonly #changed: (seen: QueueSeen) => void;
  #items: readonly Item[] = [];
  #isPaused = false;
  #ended = 0;
  #lastKey = 0;

  /** @param changed told whenever something of it changed */
  constructor(parts: UploadParts, changed: (seen: QueueSeen) => void) {
    this.#parts = parts;
    this.#changed = changed;
  }

  /** Takes slides in; one that is the file of an upload begun earlier goes on with that. */
  async add(parcels: readonly Parcel[]): Promise<void> {
    for (const parcel of parcels) {
      const begun = await this.#begunEarlier(parcel);
      if (begun === undefined) this.#append(parcel);
      else this.#goOnWith(begun, parcel);
    }
  }

  /** Lists what of this person's the service has a part of. Without an answer there is nothing to list. */
  async restore(signal: AbortSignal): Promise<void> {
    const found = await unfinishedUploads(signal).catch((error: unknown) => {
      if (!isAborted(error)) console.warn('unfinished uploads are not known', error);
      return [];
    });
    for (const one of found) await this.#restoreOne(one, signal);
  }

  /** Goes on with an upload whose file is `parcel`. @returns whether it is */
  async chooseFor(key: number, parcel: Parcel): Promise<boolean> {
    const item = this.#item(key);
    if (item === undefined || !(await this.#isFileOf(item, parcel))) return false;
    this.#goOnWith(item, parcel);
    return true;
  }

  /** Goes on with a file that the browser remembers. @returns whether it could be opened */
  async reopen(key: number): Promise<boolean> {
    const uploadId = this.#item(key)?.upload.uploadId;
    const known = uploadId === undefined ? undefined : await this.#parts.memory.recall(uploadId);
    const file = known?.handle && (await fileBehind(known.handle));
    if (file === undefined) return false;
    return await this.chooseFor(key, { name: file.name, bytes: file, handle: known?.handle });
  }

  /** Stops sending one; what has arrived stays. */
  pause(key: number): void {
    this.#halt(this.#item(key), 'paused');
    this.#next();
  }

  /** Goes on with one that was paused, or tries one again that failed. */
  resume(key: number): void {
    const item = this.#item(key);
    if (item?.parcel === undefined) return;
    this.#set(item, { state: { kind: 'waiting' } });
    this.#next();
  }

  /** Stops all of them, or lets them go on. */
  pauseAll(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) for (const item of this.#items) if (isActive(item.upload)) this.#halt(item, 'waiting');
    this.#tell();
    this.#next();
  }

  /** Gives one up: what has arrived of it is deleted. What the service has whole is only taken off the list. */
  async remove(key: number): Promise<void> {
    const item = this.#item(key);
    if (item === undefined) return;
    item.stop.abort();
    item.course.over.abort();
    this.#drop(item);
    this.#next();
    const { uploadId, state } = item.upload;
    if (uploadId !== undefined && state.kind !== 'duplicate' && state.kind !== 'checking')
      await this.#discard(uploadId);
  }

  async #begunEarlier(parcel: Parcel): Promise<Item | undefined> {
    for (const item of this.#items)
      if (item.upload.state.kind === 'file-needed' && (await this.#isFileOf(item, parcel))) return item;
    return undefined;
  }

  /** Whether a file is that of an upload begun earlier, perhaps in another browser, which left no fingerprint here. */
  async #isFileOf({ upload }: Item, { name, bytes }: Parcel): Promise<boolean> {
    if (upload.uploadId === undefined || bytes.size !== upload.totalBytes) return false;
    const known = await this.#parts.memory.recall(upload.uploadId);
    return known === undefined ? name === upload.name : known.fingerprint === (await fingerprintOf(bytes));
  }

  #append(parcel: Parcel): void {
    const { name, bytes } = parcel;
    const empty = { kind: 'failed', reason: 'The file is empty.', canRetry: false } as const;
    const state = bytes.size > 0 ? ({ kind: 'waiting' } as const) : empty;
    const upload = { name, totalBytes: bytes.size, sentBytes: 0, bytesPerSecond: 0, state };
    this.#push(upload, freshCourse(), parcel);
    this.#next();
  }

  async #restoreOne(one: KnownUpload, signal: AbortSignal): Promise<void> {
    const { uploadId, slideId, name, size, received } = one;
    if (await this.#parts.memory.isHeldElsewhere(uploadId)) return;
    const known = await this.#parts.memory.recall(uploadId);
    const isHere = this.#items.some(({ upload }) => upload.uploadId === uploadId);
    if (isHere || signal.aborted) return;
    const state = { kind: 'file-needed', isKnown: known?.handle !== undefined } as const;
    const upload = {
      uploadId,
      slideId,
      name,
      totalBytes: size,
      sentBytes: received,
      bytesPerSecond: 0,
      state,
    };
    this.#push(upload, { ...freshCourse(), uploadId });
  }

  #goOnWith(item: Item, parcel: Parcel): void {
    item.parcel = parcel;
    this.resume(item.upload.key);
  }

  /** Starts the next one, unless one runs. */
  #next(): void {
    if (this.#isPaused || this.#items.some(({ upload }) => isActive(upload))) return;
    const next = this.#items.find(({ upload }) => upload.state.kind === 'waiting');
    if (next?.parcel !== undefined) void this.#run(next, next.parcel);
  }

  async #run(item: Item, parcel: Parcel): Promise<void> {
    item.stop = new AbortController();
    const { signal } = item.stop;
    const set = (part: Partial<Upload>) => {
      if (!signal.aborted) this.#set(item, part);
    };
    const { course } = item;
    try {
      const onSent = () => this.#next();
      this.#settle(item, await runUpload({ parcel, course, parts: this.#parts, set, signal, onSent }));
    } catch (error) {
      // The service does not know it any more: the next try begins anew.
      if (isGone(error)) item.course = freshCourse(course.hash);
      set({ state: { kind: 'failed', ...failureOf(error) }, bytesPerSecond: 0 });
    }
    if (!signal.aborted) this.#next();
  }

  #settle(item: Item, arrival: Arrival): void {
    this.#ended++;
    item.course.over.abort();
    const { uploadId } = item.upload;
    if (uploadId !== undefined) void this.#parts.memory.forget(uploadId);
    if (arrival.kind === 'arrived') this.#drop(item);
    else this.#set(item, { state: arrival });
  }

  /** Deletes at the service what has arrived; tries until it could be told. */
  async #discard(uploadId: string): Promise<void> {
    await this.#parts.memory.forget(uploadId);
    try {
      await persist(() => discardUpload(uploadId), new AbortController().signal);
    } catch (error) {
      // Gone already; or complete by now, and then it is a slide in the list.
      console.warn('the upload was not given up', error);
    }
    this.#ended++;
    this.#tell();
  }

  #halt(item: Item | undefined, kind: 'paused' | 'waiting'): void {
    if (item === undefined) return;
    item.stop.abort();
    this.#set(item, { state: { kind }, bytesPerSecond: 0 });
  }

  #item(key: number): Item | undefined {
    return this.#items.find(({ upload }) => upload.key === key);
  }

  #push(upload: Omit<Upload, 'key'>, course: Course, parcel?: Parcel): void {
    const fresh = { upload: { ...upload, key: ++this.#lastKey }, course, stop: new AbortController() };
    this.#items = [...this.#items, parcel === undefined ? fresh : { ...fresh, parcel }];
    this.#tell();
  }

  #set(item: Item, part: Partial<Upload>): void {
    item.upload = { ...item.upload, ...part };
    this.#tell();
  }

  #drop(item: Item): void {
    this.#items = this.#items.filter((one) => one !== item);
    this.#tell();
  }

  #tell(): void {
    const uploads = this.#items.map(({ upload }) => upload);
    this.#changed({ uploads, isPaused: this.#isPaused, ended: this.#ended });
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 410);
}

function freshCourse(hash?: Promise<string>): Course {
  return { over: new AbortController(), ...(hash && { hash }) };
}
