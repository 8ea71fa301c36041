import type { Readable } from 'node:stream';

/** What a store knows of an object without reading it. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  /** Changes whenever the bytes do; opaque. */
  readonly etag: string;
}

/** One object as a listing names it. */
export interface ListedObject extends ObjectHead {
  readonly key: string;
}

/** `ifAbsent` makes a put fail with `conflict` when the key exists already, atomically. */
export interface PutOptions {
  readonly ifAbsent?: boolean;
  readonly contentType?: string;
  /** Bytes a stream will give, where known: a store can then take objects of any size and spare memory. */
  readonly size?: number;
  readonly signal?: AbortSignal;
}

/**
 * Where bytes live: named objects, written whole, read by range.
 *
 * Keys are `/`-separated segments of `[A-Za-z0-9._-]`, never `.` or `..`, 1–255 characters each, 1–512 in all, the
 * first not `.partial` (`checkKey` in keys.ts); anything else is `invalid`. A key that is the folder of another
 * (`a` beside `a/b`) need not work. An object becomes visible only when it is complete and
 * durable. Every failure is a `ServiceError`: `not-found`, `conflict`, `invalid`, `damaged` (fewer bytes than
 * promised), `unavailable` (the store did not answer). Only an abort rejects with the signal's reason, and a put
 * whose stream breaks with that stream's own error.
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
  /** As `readNow` of a ByteSource: what is there without waiting, behind `lead` free bytes. */
  readNow?(key: string, offset: number, length: number, lead?: number): Buffer | undefined;
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
  /** All objects whose key starts with `prefix`, ordered by key (as bytes). */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject>;
  /** Releases sockets and files. */
  close(): Promise<void>;
}
