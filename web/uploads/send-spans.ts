import { ApiError } from '../api/request.ts';
import { pause, waitBefore } from './back-off.ts';
import { chunkLimits, nextChunkLength } from './chunk-length.ts';
import { mayPass, troubleText } from './persist.ts';
import type { Span } from './spans.ts';
import { arrivedAt, sendChunk } from './tus.ts';

/** A span of a file and where it is sent to. */
export interface SpanTarget extends Span {
  readonly url: string;
  /** Bytes of it that have arrived. */
  readonly received: number;
}

/** What it takes to send a file, and who is told how it goes. */
export interface Sending {
  readonly file: Blob;
  /** In the order in which they are sent. */
  readonly spans: readonly SpanTarget[];
  /** SHA-256 of the whole file, hex; waited for before the last bytes are sent. */
  readonly wholeHash: Promise<string>;
  /** Told the bytes of the whole file that have arrived. */
  readonly onArrived: (bytes: number) => void;
  /** Told why nothing arrives at present; undefined when it does again. */
  readonly onTrouble: (reason: string | undefined) => void;
}

/** Requests under way at once: enough to fill a line over a long distance. */
const mostRequests = 3;

/** Conflicts in a row, each answered by asking how much has arrived, after which it is no misunderstanding. */
const mostConflicts = 5;

/**
 * Sends what is missing of a file, and goes on trying for as long as trying can help.
 *
 * The last bytes of the last span are held back until all others have arrived: they carry the hash of the whole file.
 *
 * @throws {ApiError} when the service refuses · an AbortError when `signal` aborts · a NotReadableError when the file
 *   is gone or was changed
 */
export async function sendSpans(sending: Sending, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const sender = new Sender(sending, AbortSignal.any([signal, over.signal]));
  try {
    await sender.run();
  } finally {
    over.abort();
  }
}

class Sender {
  readonly #sending: Sending;
  readonly #signal: AbortSignal;
  /** Bytes of each span that have arrived. */
  readonly #arrived: number[];
  #next = 0;
  #chunkLength: number = chunkLimits.least * 2;
  #failures = 0;

  constructor(sending: Sending, signal: AbortSignal) {
    this.#sending = sending;
    this.#signal = signal;
    this.#arrived = sending.spans.map(({ received }) => received);
  }

  async run(): Promise<void> {
    const { spans, wholeHash } = this.#sending;
    await Promise.all(Array.from({ length: mostRequests }, () => this.#work()));
    const hash = await wholeHash;
    this.#signal.throwIfAborted();
    await this.#sendUpTo(spans.length - 1, spans.at(-1)?.length ?? 0, hash);
  }

  /** Sends one span after the other, beside others that do the same. */
  async #work(): Promise<void> {
    const { spans } = this.#sending;
    for (let i = this.#next++; i < spans.length; i = this.#next++) {
      const held = i === spans.length - 1 ? chunkLimits.least : 0;
      await this.#sendUpTo(i, (spans[i]?.length ?? 0) - held);
    }
  }

  async #ask(i: number): Promise<void> {
    this.#note(i, await arrivedAt(this.#span(i).url, this.#signal));
  }

  /** Sends a span's bytes as far as `end`, from its own start. */
  async #sendUpTo(i: number, end: number, wholeHash?: string): Promise<void> {
    while ((this.#arrived[i] ?? 0) < end) {
      const isSent = await this.#attempt(() => this.#send(i, end, wholeHash));
      // What of it has arrived is known to the service only.
      if (!isSent) await this.#askUntilAnswered(i);
    }
  }

  async #askUntilAnswered(i: number): Promise<void> {
    while (!(await this.#attempt(() => this.#ask(i))));
  }

  async #send(i: number, end: number, wholeHash?: string): Promise<void> {
    const span = this.#span(i);
    const offset = this.#arrived[i] ?? 0;
    const length = Math.min(this.#chunkLength, end - offset);
    const from = span.start + offset;
    const bytes = await this.#sending.file.slice(from, from + length).arrayBuffer();
    const started = performance.now();
    // Without the hash a request never ends the file, so its answer says nothing but how much has arrived.
    this.#note(i, await sendChunk(span.url, { offset, bytes, wholeHash }, this.#signal));
    if (length === this.#chunkLength)
      this.#chunkLength = nextChunkLength(length, performance.now() - started);
  }

  /** Tries something; where it fails and may pass, waits. @returns whether it went well */
  async #attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      const isOutOfStep = error instanceof ApiError && error.status === 409 && this.#failures < mostConflicts;
      if (!mayPass(error) && !isOutOfStep) throw error;
      this.#failures++;
      this.#chunkLength = chunkLimits.least;
      this.#sending.onTrouble(troubleText(error));
      await pause(waitBefore(this.#failures, error.waitSeconds, Math.random()), this.#signal);
      return false;
    }
    this.#failures = 0;
    this.#sending.onTrouble(undefined);
    return true;
  }

  #note(i: number, arrived: number): void {
    this.#arrived[i] = arrived;
    this.#sending.onArrived(this.#arrived.reduce((sum, bytes) => sum + bytes, 0));
  }

  #span(i: number): SpanTarget {
    const span = this.#sending.spans[i];
    if (span === undefined) throw new RangeError(`no span ${i} of ${this.#sending.spans.length}`);
    return span;
  }
}
