import * as z from 'zod/mini';
import { ask, parsed, problemText, json, ApiError, noticeStatus } from './request.ts';
import { presenceHeaders } from './presence.ts';

const Text = z.object({
  diagnosis: z.string(),
  microscopy: z.string(),
  comment: z.string(),
  recommendation: z.string(),
  agreement: z.enum(['', 'agree', 'minor', 'major', 'not-applicable']),
  agreementReason: z.string(),
});

const Mark = z.object({
  slideId: z.string(),
  x: z.number(),
  y: z.number(),
  zoom: z.number(),
  degrees: z.number(),
});

const Figure = z.object({ documentId: z.string(), caption: z.string(), mark: z.optional(Mark) });

const Content = z.object({ text: Text, figures: z.array(Figure) });

const Draft = z.object({
  version: z.number(),
  content: Content,
  changedAt: z.optional(z.string()),
  proof: z.enum(['password', 'password-and-code', 'session', 'passcode', 'link']),
});

const Opinion = z.object({
  id: z.string(),
  isValid: z.boolean(),
  signed: z.object({
    content: z.object({
      version: z.number(),
      code: z.string(),
      author: z.object({ name: z.string(), organisation: z.string() }),
      signedAt: z.string(),
      meaning: z.string(),
      reason: z.string(),
      opinion: Text,
      figures: z.array(z.object({ id: z.string(), caption: z.string() })),
      slides: z.array(z.object({ id: z.string(), title: z.string() })),
      documents: z.array(z.object({ id: z.string(), name: z.string() })),
      key: z.string(),
    }),
  }),
});

const Verification = z.object({
  isValid: z.boolean(),
  reason: z.optional(z.string()),
  service: z.string(),
  code: z.optional(z.string()),
  signedBy: z.optional(z.string()),
  organisation: z.optional(z.string()),
  signedAt: z.optional(z.string()),
  version: z.optional(z.number()),
  isNewest: z.optional(z.boolean()),
  key: z.optional(z.string()),
});

/** What an author writes. */
export type OpinionText = z.infer<typeof Text>;
/** A figure of a draft. */
export type DraftFigure = z.infer<typeof Figure>;
/** What a draft holds. */
export type DraftContent = z.infer<typeof Content>;
/** A draft as the service has it; `proof`: what signing asks for. */
export type Draft = z.infer<typeof Draft>;
/** A signed opinion. */
export type Opinion = z.infer<typeof Opinion>;
/** Whether a report is as it was signed. */
export type Verification = z.infer<typeof Verification>;

/** What is signed. */
export interface Signing {
  readonly draftVersion: number;
  readonly previous: string | null;
  readonly meaning: string;
  readonly reason?: string;
  /** Ids of the slides and documents that were listed. */
  readonly material: readonly string[];
  readonly proof: { readonly password?: string; readonly code?: string; readonly passcode?: string };
}

/** What one has written about a case so far. @throws {ApiError} */
export async function getDraft(caseId: string, signal?: AbortSignal): Promise<Draft> {
  return await ask(Draft, `/cases/${caseId}/opinion-draft`, { signal });
}

/** Keeps what one has written. @throws {ApiError} 409 when another window has saved meanwhile */
export async function saveDraft(caseId: string, version: number, content: DraftContent): Promise<Draft> {
  return await ask(Draft, `/cases/${caseId}/opinion-draft`, { method: 'PUT', body: { version, content } });
}

/** The signed opinions of a case, newest first. @throws {ApiError} */
export async function listOpinions(caseId: string, signal?: AbortSignal): Promise<readonly Opinion[]> {
  return (await ask(z.object({ opinions: z.array(Opinion) }), `/cases/${caseId}/opinions`, { signal }))
    .opinions;
}

/** Signs a draft. @throws {ApiError} 401 when the proof is wrong */
export async function signOpinion(caseId: string, signing: Signing): Promise<Opinion> {
  return await ask(Opinion, `/cases/${caseId}/opinions`, {
    method: 'POST',
    body: signing,
    provesIdentity: true,
  });
}

/** Adds a picture for one's opinion. @returns its id @throws {ApiError} */
export async function addFigure(caseId: string, picture: Blob): Promise<string> {
  return (await sendBytes(z.object({ id: z.string() }), `/cases/${caseId}/figures`, picture)).id;
}

/** Whether a report is as it was signed. @throws {ApiError} */
export async function verifyFile(report: Blob): Promise<Verification> {
  return await sendBytes(Verification, '/verification', report);
}

/** Whether there is a signed opinion with a code. @throws {ApiError} */
export async function verifyCode(code: string): Promise<Verification> {
  return await ask(Verification, `/verification/${encodeURIComponent(code)}`);
}

async function sendBytes<T extends z.ZodMiniType>(schema: T, url: string, body: Blob): Promise<z.infer<T>> {
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'POST', body, headers: presenceHeaders() });
  } catch (error) {
    throw new ApiError(0, 'The service does not answer. Check the network connection.', { cause: error });
  }
  const text = await answer.text();
  if (answer.ok) return parsed(schema, json(text));
  noticeStatus(answer.status);
  throw new ApiError(answer.status, problemText(answer.status, text));
}
