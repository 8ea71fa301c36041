import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Deleted = z.object({
  id: z.string(),
  name: z.string(),
  bytes: z.number(),
  deletedAt: z.string(),
  purgeAt: z.string(),
});

const Certificate = z.object({ id: z.string() });

const Use = z.object({
  organisation: z.object({ id: z.string(), name: z.string() }),
  slides: z.number(),
  bytes: z.number(),
  deletedBytes: z.optional(z.number()),
});

/** A slide that was deleted and can still be had back, until `purgeAt`. */
export type DeletedSlide = z.infer<typeof Deleted>;

/** What the slides of one organisation take up. */
export type StorageUse = z.infer<typeof Use>;

/** Takes a slide off the list; it can be restored for a time. @throws {ApiError} */
export async function deleteSlide(id: string): Promise<void> {
  await tell(slideUrl(id), { method: 'DELETE' });
}

/** Puts a deleted slide back. @throws {ApiError} */
export async function restoreSlide(id: string): Promise<void> {
  await tell(`${slideUrl(id)}/restoration`, { method: 'POST' });
}

/** Destroys a deleted slide for good. @returns the id of the certificate @throws {ApiError} */
export async function purgeSlide(id: string): Promise<string> {
  return (await ask(Certificate, `${slideUrl(id)}/purge`, { method: 'POST' })).id;
}

/** Slides that were deleted and can still be restored, newest first. @throws {ApiError} */
export async function listDeleted(signal?: AbortSignal): Promise<readonly DeletedSlide[]> {
  return (await ask(z.object({ slides: z.array(Deleted) }), '/deleted-slides', { signal })).slides;
}

/** What slides take up, by organisation. @throws {ApiError} */
export async function getStorageUse(signal?: AbortSignal): Promise<readonly StorageUse[]> {
  return (await ask(z.object({ organisations: z.array(Use) }), '/storage-use', { signal })).organisations;
}

function slideUrl(id: string): string {
  return `/slides/${encodeURIComponent(id)}`;
}

/** Address of what says what was destroyed. */
export function certificateUrl(id: string): string {
  return `/certificates/${encodeURIComponent(id)}`;
}
