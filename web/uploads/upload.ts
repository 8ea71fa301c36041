/** How far one slide has come on its way to the service. */
export interface Upload {
  /** Counts from 1 in this page; not the slide's id. */
  readonly key: number;
  readonly name: string;
  readonly totalBytes: number;
  /** Bytes that have arrived for good. */
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  /** Known once the service expects it. */
  readonly slideId?: string | undefined;
  readonly uploadId?: string | undefined;
  readonly state: UploadState;
}

/** What happens to an upload now. */
export type UploadState =
  /** It is not its turn yet. */
  | { readonly kind: 'waiting' }
  /** Its structure is read, and the service is asked whether it takes it. */
  | { readonly kind: 'preparing'; readonly trouble?: string | undefined }
  | { readonly kind: 'sending'; /** Why nothing arrives at present. */ readonly trouble?: string | undefined }
  | { readonly kind: 'paused' }
  /** It was begun before the page was loaded. */
  | {
      readonly kind: 'file-needed';
      /** Whether the browser knows where the file is. */ readonly isKnown: boolean;
    }
  /** Every byte is there; the service reads the slide. */
  | { readonly kind: 'checking' }
  /** It is there, but so was another slide of the same bytes. */
  | { readonly kind: 'duplicate'; readonly ofSlideId: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly canRetry: boolean };

/** Whether leaving the page would interrupt it. */
export function isUnderWay(upload: Upload): boolean {
  return upload.state.kind === 'waiting' || isActive(upload);
}

/** Whether it has the line now. */
export function isActive({ state }: Upload): boolean {
  return state.kind === 'preparing' || state.kind === 'sending';
}

/** Why something failed, in a sentence for a person, and whether trying again can help. */
export function failureOf(error: unknown): { readonly reason: string; readonly canRetry: boolean } {
  if (error instanceof DOMException && /^Not(Readable|Found)Error$/.test(error.name))
    return { reason: 'The file was changed or moved since it was chosen. Add it again.', canRetry: false };
  const reason = error instanceof Error ? error.message : String(error);
  const status = error instanceof Error && 'status' in error ? error.status : 0;
  return { reason, canRetry: typeof status !== 'number' || ![400, 413, 415, 422].includes(status) };
}
