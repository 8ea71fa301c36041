import { relative, sep } from 'node:path';
import PQueue from 'p-queue';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import { parseSlide } from '../formats/registry.ts';
import { openFileSource } from '../storage/sources.ts';
import type { CompleteFiles } from './complete-files.ts';
import type { Ledger, LedgerEntry, LedgerKey } from './ledger.ts';
import { hashOf, type LocalFile } from './local-file.ts';
import { rest } from './persistence.ts';
import type { ServiceClient } from './service-client.ts';
import { sendFile } from './upload-file.ts';

/** What a watcher stands on. */
export interface WatcherParts {
  readonly folder: string;
  readonly files: CompleteFiles;
  readonly ledger: Ledger;
  readonly client: ServiceClient;
  /** Pause between two looks at the folder, ms. */
  readonly everyMs: number;
  /** Files sent at once. */
  readonly parallel: number;
  /** Told what happens, for a person. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Failures of a file itself: they stay until it is changed. */
const final: ReadonlySet<ErrorKind> = new Set(['unsupported', 'damaged', 'too-large', 'invalid']);
/** Longest pause before a file is tried again, ms. */
const maxPauseMs = 15 * 60_000;
/** Longest time that one try goes on without getting anything through, ms. */
const patienceMs = 10 * 60_000;

interface Trial {
  readonly tries: number;
  /** Not before, ms of a clock that only goes forward. */
  readonly notBefore: number;
  readonly reason: string;
}

/** Sends what appears in a folder, once, for ever. Nothing in the folder is moved, changed or deleted. */
export class Watcher {
  readonly #parts: WatcherParts;
  readonly #line: PQueue;
  /** Under way or waiting, by path. */
  readonly #taken = new Set<string>();
  readonly #trials = new Map<string, Trial>();
  #isAway = false;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#line = new PQueue({ concurrency: parts.parallel });
  }

  /** Goes on until it is stopped. */
  async run(): Promise<void> {
    const { everyMs, signal } = this.#parts;
    while (!signal.aborted) {
      await this.#look();
      // Stopped: what is under way ends by itself.
      await rest(everyMs, signal).catch(() => {});
    }
    await this.#line.onIdle();
  }

  async #look(): Promise<void> {
    const { files, say } = this.#parts;
    try {
      for (const file of await files.look()) this.#consider(file);
      if (this.#isAway) say('the folder can be read again');
      this.#isAway = false;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (!this.#isAway) say(`the folder cannot be read, and is looked at again: ${error.message}`);
      this.#isAway = true;
    }
  }

  #consider(file: LocalFile): void {
    const { ledger, signal } = this.#parts;
    const trial = this.#trials.get(file.path);
    if (this.#taken.has(file.path) || ledger.find(this.#keyOf(file)) !== undefined) return;
    if (trial !== undefined && trial.notBefore > performance.now()) return;
    this.#taken.add(file.path);
    void this.#line.add(async () => {
      try {
        if (!signal.aborted) await this.#take(file);
        this.#trials.delete(file.path);
      } catch (error) {
        if (!signal.aborted) this.#putOff(file, error);
      } finally {
        this.#taken.delete(file.path);
      }
    });
  }

  /** Sends one file and notes it. @throws what may pass */
  async #take(file: LocalFile): Promise<void> {
    const { ledger, client, signal, say } = this.#parts;
    try {
      await using source = await openFileSource(file.path, file.name);
      await parseSlide(source, signal);
    } catch (error) {
      // What is damaged may be on its way still; what is of no known kind stays so.
      if (!(error instanceof ServiceError) || error.kind !== 'unsupported') throw error;
      return await this.#note(file, { fate: 'refused', reason: error.message });
    }
    const sha256 = await hashOf(file, () => {}, signal);
    const same = ledger.findContent(sha256);
    if (same !== undefined) return await this.#note(file, { fate: 'there', sha256, slideId: same.slideId });
    const sent = await sendFile(
      { ...file, sha256 },
      {
        client,
        patienceMs,
        signal,
        onProgress: () => {},
        onPause: ({ message }, ms) => {
          if (ms > 10_000) say(`${file.name}: ${message}; trying again in ${Math.round(ms / 1000)} s`);
        },
      },
    ).catch(async (error: unknown) => {
      if (!(error instanceof ServiceError)) throw error;
      // What is not found is nothing of ours: the file is there.
      if (error.kind === 'not-found')
        throw new ServiceError('unavailable', `${client.name}: ${error.message}`);
      if (!final.has(error.kind)) throw error;
      await this.#note(file, { fate: 'refused', sha256, reason: error.message });
    });
    if (sent === undefined) return;
    await this.#note(file, { fate: sent.wasThere ? 'there' : 'sent', sha256, slideId: sent.slideId });
  }

  async #note(
    file: LocalFile,
    what: Pick<LedgerEntry, 'fate'> & {
      readonly sha256?: string;
      readonly slideId?: string | undefined;
      readonly reason?: string;
    },
  ): Promise<void> {
    const { ledger, client, say } = this.#parts;
    const { slideId, ...rest } = what;
    const at = new Date().toISOString();
    await ledger.add({ at, ...this.#keyOf(file), ...rest, ...(slideId !== undefined && { slideId }) });
    const words = { sent: 'uploaded', there: 'already there', refused: 'not taken' } as const;
    const where = slideId === undefined ? '' : `  ${client.name}/view/${slideId}`;
    const reason = what.reason === undefined ? '' : `: ${what.reason}`;
    say(`${this.#keyOf(file).path}: ${words[what.fate]}${reason}${where}`);
  }

  /** Tries a file again later; what is wrong is said when it is new. */
  #putOff(file: LocalFile, error: unknown): void {
    // It vanished: there is nothing to do.
    if (error instanceof ServiceError && error.kind === 'not-found')
      return void this.#trials.delete(file.path);
    const { everyMs, say } = this.#parts;
    const reason = error instanceof Error ? error.message : String(error);
    const before = this.#trials.get(file.path);
    const tries = (before?.tries ?? 0) + 1;
    const pause = Math.min(maxPauseMs, everyMs * 2 ** Math.min(tries, 20)) * (0.75 + Math.random() / 2);
    this.#trials.set(file.path, { tries, notBefore: performance.now() + pause, reason });
    if (before?.reason !== reason) say(`${this.#keyOf(file).path}: not sent yet, and tried again: ${reason}`);
  }

  #keyOf({ path, size, mtimeNs }: LocalFile): LedgerKey {
    const from = relative(this.#parts.folder, path).split(sep).join('/');
    return { path: from, size, mtimeNs: mtimeNs.toString() };
  }
}
