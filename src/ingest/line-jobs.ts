import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import { abandonJob, doJob, type Job } from './do-job.ts';
import {
  CancelledError,
  jobKinds,
  laneOf,
  type JobKind,
  type JobOptions,
  type Jobs,
  type Lane,
} from './jobs.ts';
import type { SlideWorkParts } from './slide-work.ts';

/** Jobs of this process alone, gone with it: for slides that are shown without a database. One at a time. */
export class LineJobs implements Jobs {
  readonly #parts: SlideWorkParts;
  readonly #lines: Readonly<Record<Lane, PQueue>> = {
    foreground: new PQueue({ concurrency: 1 }),
    files: new PQueue({ concurrency: 1 }),
    background: new PQueue({ concurrency: 1 }),
  };
  /** What waits or is under way, by kind and slide. */
  readonly #known = new Map<string, AbortController>();
  #isClosed = false;

  constructor(parts: SlideWorkParts) {
    this.#parts = parts;
  }

  async add(kind: JobKind, slide: SlideId, { isUrgent = false }: JobOptions = {}): Promise<void> {
    const id = `${kind} ${slide}`;
    if (this.#isClosed || this.#known.has(id)) return;
    const stop = new AbortController();
    this.#known.set(id, stop);
    const priority = (isUrgent ? jobKinds.length : 0) + jobKinds.length - jobKinds.indexOf(kind);
    void this.#lineOf(kind).add(
      async () => {
        const next = await this.#run({ kind, slide }, stop.signal);
        this.#known.delete(id);
        if (next !== undefined) await this.add(next, slide, { isUrgent });
      },
      { priority },
    );
  }

  async cancel(slide: SlideId): Promise<void> {
    for (const kind of jobKinds)
      if (kind !== 'purge') this.#known.get(`${kind} ${slide}`)?.abort(new CancelledError(slide));
  }

  async setUrgent(): Promise<void> {
    // What waits here keeps its place: nobody shares this line.
  }

  async idle(kinds: readonly JobKind[] = jobKinds): Promise<void> {
    const waiting = () =>
      kinds.some((kind) => [...this.#known.keys()].some((id) => id.startsWith(`${kind} `)));
    while (waiting()) await Promise.all(Object.values(this.#lines).map((line) => line.onIdle()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new ServiceError('unavailable', 'the service is stopping');
    for (const stop of this.#known.values()) stop.abort(reason);
    await this.idle();
  }

  #lineOf(kind: JobKind): PQueue {
    return this.#lines[laneOf(kind)];
  }

  /** @returns what is to be done for the slide next */
  async #run(job: Job, signal: AbortSignal): Promise<JobKind | undefined> {
    if (signal.aborted) return undefined;
    try {
      return await doJob(this.#parts, job, { signal, turn: () => this.#lines.foreground.onIdle() });
    } catch (error) {
      if (signal.aborted) return undefined;
      try {
        return await abandonJob(this.#parts, job, error);
      } catch (cause) {
        this.#parts.log.error({ slide: job.slide, err: cause }, 'failure of a job not noted');
        return undefined;
      }
    }
  }
}
