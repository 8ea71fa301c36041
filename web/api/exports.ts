import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Export = z.object({
  id: z.string(),
  format: z.enum(['szi', 'tiff']),
  state: z.enum(['waiting', 'making', 'ready', 'failed']),
  progress: z.number(),
  reason: z.optional(z.string()),
  bytes: z.optional(z.number()),
  expiresAt: z.optional(z.string()),
});
const Exports = z.object({ exports: z.array(Export) });

/** A slide as a file: being made, or to be fetched for a while. */
export type SlideExport = z.infer<typeof Export>;

/** What a slide can be had as. */
export type ExportFormat = SlideExport['format'];

const urlOf = (slideId: string) => `/slides/${encodeURIComponent(slideId)}/exports`;

/** Files of a slide, those asked for last first. @throws {ApiError} */
export async function listExports(slideId: string, signal?: AbortSignal): Promise<readonly SlideExport[]> {
  return (await ask(Exports, urlOf(slideId), { signal, isBackground: true })).exports;
}

/** Asks for a slide as a file. @throws {ApiError} 409 while it is being prepared */
export async function startExport(slideId: string, format: ExportFormat): Promise<void> {
  await ask(Export, urlOf(slideId), { method: 'POST', body: { format } });
}

/** Ends the making of a file, or destroys it. @throws {ApiError} */
export async function removeExport(slideId: string, exportId: string): Promise<void> {
  await tell(`${urlOf(slideId)}/${encodeURIComponent(exportId)}`, { method: 'DELETE' });
}

/** Where a file is fetched. */
export function exportFileUrl(slideId: string, exportId: string): string {
  return `${urlOf(slideId)}/${encodeURIComponent(exportId)}/file`;
}
