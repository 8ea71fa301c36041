/** Bytes of an upload that are durable now. */
export interface SpooledRun {
  readonly start: number;
  readonly length: number;
  /** What they are called, where each run is an object of its own; handed back in {@link SpooledUpload.pieces}. */
  readonly piece?: string;
}

/** An upload as a spool needs it. */
export interface SpooledUpload {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Bytes it will have. */
  readonly size: number;
  /** Bytes that were acknowledged, of the whole upload. */
  readonly received: number;
  /** The runs with a name that were acknowledged, ordered by their start, without overlaps. */
  readonly pieces: readonly (SpooledRun & { readonly piece: string })[];
}

/** How {@link UploadSpool.finish} goes on after a process died. */
export interface FinishNotes {
  /** What an earlier run noted. */
  readonly noted?: string | undefined;
  readonly note: (what: string) => Promise<void>;
}

/**
 * Where the bytes of uploads wait until they are complete: in any order, from any process that shares the store.
 *
 * Every failure is a `ServiceError`, as those of a `Store`.
 */
export interface UploadSpool {
  /**
   * Writes bytes from `offset` on, and gives each run once it is durable, in order. What is not given yet may be lost.
   *
   * @param bytes may end early; what came is durable then
   * @throws {ServiceError} `not-found` when what was acknowledged before is gone; `unavailable`
   */
  write(upload: SpooledUpload, offset: number, bytes: AsyncIterable<Buffer>): AsyncGenerator<SpooledRun>;
  /**
   * Exactly `length` bytes from `start`, all of which must have been acknowledged.
   *
   * @throws {ServiceError} `not-found` when the upload was finished or discarded meanwhile
   */
  read(upload: SpooledUpload, start: number, length: number): Promise<Buffer>;
  /**
   * Makes the object `key` of the store of a complete upload, and drops what was spooled. May be called again after
   * it failed, was cut off or succeeded.
   *
   * @throws {ServiceError} `not-found` when neither the bytes nor the object are there
   */
  finish(upload: SpooledUpload, key: string, notes: FinishNotes): Promise<void>;
  /** Drops runs that were written but not acknowledged. */
  drop(upload: SpooledUpload, runs: readonly SpooledRun[]): Promise<void>;
  /**
   * Drops all of an upload; no error when nothing is there.
   *
   * @param key the object it was to become
   */
  discard(id: string, notes: Pick<FinishNotes, 'noted'>, key: string): Promise<void>;
  /** Bytes there is room for; undefined where there is no limit. */
  freeBytes(): Promise<number | undefined>;
  /** Releases files and sockets. */
  close(): Promise<void>;
}
