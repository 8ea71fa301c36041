import * as z from 'zod/mini';
import { presenceHeaders } from './presence.ts';
import { ApiError, ask, json, noticeStatus, parsed, problemText } from './request.ts';

const Size = z.object({ withoutSlides: z.number(), withSlides: z.number(), slides: z.number() });

const Imported = z.object({
  caseId: z.string(),
  key: z.string(),
  laboratory: z.string(),
  slides: z.object({ added: z.number(), known: z.number(), missing: z.number() }),
});

const Signed = z.object({
  content: z.object({
    version: z.number(),
    signedAt: z.string(),
    key: z.string(),
    author: z.object({ name: z.string(), organisation: z.string() }),
    opinion: z.object({
      diagnosis: z.string(),
      microscopy: z.string(),
      comment: z.string(),
      recommendation: z.string(),
    }),
  }),
});

const Origin = z.object({
  from: z.optional(z.object({ laboratory: z.string(), key: z.string(), exportedAt: z.string() })),
  opinions: z.array(z.object({ signed: Signed, hasReport: z.boolean() })),
});

/** Where a case was imported from, and what was signed about it there. */
export type CaseOrigin = z.infer<typeof Origin>;

/** Where a case was imported from. @throws {ApiError} */
export async function caseOrigin(caseId: string, signal?: AbortSignal): Promise<CaseOrigin> {
  return await ask(Origin, `/cases/${caseId}/origin`, { signal });
}

/** Address of a report that was signed elsewhere. @param position of the opinion, from 0 */
export function importedReportUrl(caseId: string, position: number): string {
  return `/cases/${caseId}/origin/reports/${position}.pdf`;
}

/** How large the export of a case will be, roughly, bytes. */
export type CapsuleSize = z.infer<typeof Size>;

/** What became of a capsule. */
export type ImportedCapsule = z.infer<typeof Imported>;

/** How large the export of a case will be. @throws {ApiError} */
export async function capsuleSize(caseId: string, signal?: AbortSignal): Promise<CapsuleSize> {
  return await ask(Size, `/cases/${caseId}/capsule.json`, { signal });
}

/** Address of a case's capsule. */
export function capsuleUrl(
  caseId: string,
  wish: { readonly slides: boolean; readonly patient: boolean },
): string {
  return `/cases/${caseId}/capsule.zip?slides=${wish.slides}&patient=${wish.patient}`;
}

/** Address of a case in FHIR. */
export function fhirUrl(caseId: string, patient: boolean): string {
  return `/cases/${caseId}/fhir.json?patient=${patient}`;
}

/**
 * Sends a capsule.
 *
 * @param onProgress told what part of it is sent, 0 to 1
 * @throws {ApiError} 409 when it is here already · an AbortError
 */
export async function importCapsule(
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<ImportedCapsule> {
  const { status, text } = await sent(file, onProgress, signal);
  if (status === 201) return parsed(Imported, json(text));
  noticeStatus(status);
  throw new ApiError(status, problemText(status, text));
}

/** `fetch` tells nothing of how far a body is. */
async function sent(
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const request = new XMLHttpRequest();
  return await new Promise((resolve, reject) => {
    request.open('POST', '/case-imports');
    for (const [name, value] of Object.entries(presenceHeaders())) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded / file.size));
    request.addEventListener('load', () => resolve({ status: request.status, text: request.responseText }));
    request.addEventListener('error', () =>
      reject(new ApiError(0, 'The line broke before all of it was sent. Try again.')),
    );
    request.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
