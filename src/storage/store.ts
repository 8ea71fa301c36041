import type { Readable } from 'node:stream';

/** What a store knows of an object without reading it. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  /** Changes whenever the bytes do; opaque. */
  readonly etag: string;
}

/** `ifAbsent` makes a put fail with `conflict` when the key exists already, atomically. */
export interface PutOptions {
  readonly ifAbsent?: boolean;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/**
 * Where bytes live: named objects, written whole, read by range.
 *
 * Keys are `/`-separated segments of `[A-Za-z0-9._-]`, never `.` or `..`, 1–512 characters in all
 * (`checkKey` in keys.ts); anything else is `invalid`. An object becomes visible only when it is complete and
 * durable. Every failure is a `ServiceError`: `not-found`, `conflict`, `invalid`, `damaged` (fewer bytes than
 * promised), `unavailable` (the store did not answer).
 */
export interface Store {
  /** For logs and errors: `folder ./data/objects`, `s3://bucket/prefix`. Never a secret. */
  readonly name: string;
  /** @returns undefined when there is no such object */
  head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /**
   * Exactly `length` bytes from `offset`.
   *
   * @throws {ServiceError} `not-found`; `damaged` when the object ends before the range does
   */
  read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer>;
  /** The whole object, or a range of it, as a stream. Read it with `pipeline`. */
  stream(key: string, range?: { offset: number; length: number }, signal?: AbortSignal): Promise<Readable>;
  /** Writes a small object. */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<ObjectHead>;
  /** Writes an object of any size from a stream, by multipart where the store has it. */
  putStream(key: string, bytes: Readable, options?: PutOptions): Promise<ObjectHead>;
  /** Writes an object of any size from a local file, which stays; `move` lets a store take the file instead. */
  putFile(key: string, path: string, options?: PutOptions & { readonly move?: boolean }): Promise<ObjectHead>;
  /** Deletes an object; no error when it is absent. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** All objects whose key starts with `prefix`, ordered by key. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<{ readonly key: string; readonly size: number }>;
  /** Releases sockets and files. */
  close(): Promise<void>;
}
