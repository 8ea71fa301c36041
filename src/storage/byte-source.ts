/** One file to read by ranges, wherever it lives. Safe to use from many calls at once. */
export interface ByteSource {
  /** For error messages: the file's own name, without folders. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`.
   *
   * @throws {ServiceError} `damaged` when the range reaches beyond the end
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Buffer>;
  /**
   * As `read`, of what is there without waiting; undefined for the rest. Absent where everything is waited for.
   *
   * @param lead bytes left free before those read, for whoever puts something there
   */
  readNow?(offset: number, length: number, lead?: number): Buffer | undefined;
}

/** How another process or thread can open the same bytes: a plain value, sent as it is. */
export type SourceSpec =
  | { readonly kind: 'file'; readonly path: string; readonly name: string }
  | { readonly kind: 'object'; readonly store: StoreSpec; readonly key: string; readonly name: string }
  /** A file that stays where it lies, below `root`. */
  | { readonly kind: 'origin'; readonly root: StoreSpec; readonly origin: Origin; readonly name: string };

/** What it takes to open a store; see `openStore` in open.ts. */
export type StoreSpec =
  | { readonly kind: 'folder'; readonly root: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without leading or trailing slash; empty for the whole bucket. */
      readonly prefix: string;
      readonly endpoint?: string;
      readonly region: string;
      readonly forcePathStyle: boolean;
      /** Absent: the SDK's own chain (environment, profile, instance role). */
      readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
    };

/**
 * A file that slides are made of where it lies: it is read, never written, moved or deleted.
 *
 * `version` changes whenever the bytes do: of a file its size and the time of its last change (no inode: shares give
 * files new ones at each mount), of an object its ETag.
 */
export type Origin = (
  | { readonly kind: 'file'; /** Real and absolute. */ readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
) & {
  /** Bytes. */
  readonly size: number;
  readonly version: string;
};
