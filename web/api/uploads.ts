import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Upload = z.object({
  uploadId: z.string(),
  slideId: z.string(),
  name: z.string(),
  size: z.number(),
  received: z.number(),
  state: z.enum(['receiving', 'received', 'done']),
  duplicateOf: z.optional(z.string()),
  spans: z.array(z.object({ url: z.string(), start: z.number(), length: z.number(), received: z.number() })),
});
const Duplicate = z.object({ duplicateOf: z.string() });

/** An upload as the service knows it. */
export type KnownUpload = z.infer<typeof Upload>;

/** What is to be sent. */
export interface NewUpload {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Of the whole file, hex, when it is known already. */
  readonly sha256?: string | undefined;
  readonly spans: readonly { readonly start: number; readonly length: number }[];
  /** Of a slide that is several files, one behind the other. */
  readonly files?: readonly { readonly path: string; readonly size: number }[] | undefined;
}

/**
 * Announces a slide.
 *
 * @returns the upload, or the slide that holds the same bytes already
 * @throws {ApiError} when it is refused: too large, no room
 */
export async function beginUpload(
  upload: NewUpload,
  signal?: AbortSignal,
): Promise<KnownUpload | z.infer<typeof Duplicate>> {
  return await ask(z.union([Upload, Duplicate]), '/uploads', { method: 'POST', body: upload, signal });
}

/** Uploads of this person that are not finished. @throws {ApiError} */
export async function unfinishedUploads(signal?: AbortSignal): Promise<readonly KnownUpload[]> {
  return (await ask(z.object({ uploads: z.array(Upload) }), '/uploads', { signal })).uploads;
}

/** How far an upload is. @throws {ApiError} 404 when it was given up */
export async function getUpload(uploadId: string, signal?: AbortSignal): Promise<KnownUpload> {
  return await ask(Upload, `/uploads/${encodeURIComponent(uploadId)}`, { signal });
}

/** Gives an upload up; what has arrived of it is deleted. @throws {ApiError} 409 when it is complete */
export async function discardUpload(uploadId: string): Promise<void> {
  await tell(`/uploads/${encodeURIComponent(uploadId)}`, { method: 'DELETE' });
}

/** Tries once more what failed: the slide's file is here. @throws {ApiError} */
export async function retrySlide(id: string): Promise<void> {
  await tell(`/slides/${encodeURIComponent(id)}/retry`, { method: 'POST' });
}

/** Stops what is being made of a slide. @throws {ApiError} */
export async function cancelSlide(id: string): Promise<void> {
  await tell(`/slides/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
}
