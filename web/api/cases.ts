import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const State = z.enum(['draft', 'sent', 'in-review', 'answered', 'closed']);

const Patient = z.object({
  name: z.string(),
  number: z.string(),
  born: z.optional(z.string()),
  sex: z.enum(['', 'female', 'male', 'other', 'unknown']),
});

const SlideState = z.object({ kind: z.string() });

const CaseSlide = z.object({
  id: z.string(),
  block: z.string(),
  stain: z.string(),
  position: z.number(),
  name: z.string(),
  title: z.string(),
  state: SlideState,
});

const Document = z.object({
  id: z.string(),
  kind: z.enum(['document', 'figure']),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  by: z.string(),
  addedAt: z.string(),
});

const Grant = z.object({
  id: z.string(),
  kind: z.enum(['person', 'organisation', 'link']),
  name: z.string(),
  email: z.optional(z.string()),
  showsPatient: z.boolean(),
  mayAnswer: z.boolean(),
  hasPasscode: z.boolean(),
  addedAt: z.string(),
  expiresAt: z.optional(z.string()),
  revokedAt: z.optional(z.string()),
  usedAt: z.optional(z.string()),
  uses: z.number(),
});

const Event = z.object({
  at: z.string(),
  kind: z.string(),
  words: z.string(),
  by: z.string(),
  detail: z.record(z.string(), z.string()),
});

const Lack = z.object({ part: z.string(), weight: z.enum(['needed', 'advised']), text: z.string() });

const texts = {
  accession: z.string(),
  pseudonym: z.string(),
  specimen: z.string(),
  history: z.string(),
  question: z.string(),
  priorDiagnosis: z.string(),
  notes: z.string(),
  testResults: z.string(),
};

const Case = z.object({
  id: z.string(),
  organisation: z.object({ id: z.string(), name: z.string() }),
  state: State,
  version: z.number(),
  ...texts,
  isUrgent: z.boolean(),
  dueOn: z.optional(z.string()),
  patient: z.optional(Patient),
  addedBy: z.optional(z.string()),
  addedAt: z.string(),
  changedAt: z.string(),
  sentAt: z.optional(z.string()),
  reviewAt: z.optional(z.string()),
  answeredAt: z.optional(z.string()),
  closedAt: z.optional(z.string()),
  slides: z.array(CaseSlide),
  documents: z.array(Document),
  grants: z.optional(z.array(Grant)),
  events: z.array(Event),
  rights: z.object({
    edit: z.boolean(),
    ask: z.boolean(),
    discuss: z.boolean(),
    answer: z.boolean(),
    patient: z.boolean(),
    export: z.boolean(),
  }),
  lacks: z.optional(z.array(Lack)),
});

const Listed = z.object({
  id: z.string(),
  organisation: z.object({ id: z.string(), name: z.string() }),
  state: State,
  accession: z.string(),
  pseudonym: z.string(),
  patientName: z.optional(z.string()),
  specimen: z.string(),
  question: z.string(),
  isUrgent: z.boolean(),
  isOverdue: z.boolean(),
  dueOn: z.optional(z.string()),
  changedAt: z.string(),
  sentAt: z.optional(z.string()),
  answeredAt: z.optional(z.string()),
  isAsked: z.boolean(),
  unread: z.number(),
  slides: z.array(z.string()),
  slideCount: z.number(),
});

const List = z.object({ cases: z.array(Listed), next: z.optional(z.string()) });
const Counts = z.object({ asked: z.number(), lab: z.number(), urgent: z.number(), overdue: z.number() });

const Mark = z.object({
  slideId: z.string(),
  x: z.number(),
  y: z.number(),
  zoom: z.number(),
  degrees: z.number(),
  plane: z.optional(z.number()),
  annotationId: z.optional(z.string()),
});

const Message = z.object({
  id: z.string(),
  at: z.string(),
  by: z.string(),
  isOwn: z.boolean(),
  text: z.string(),
  mark: z.optional(Mark),
});

/** How far a case has come. */
export type CaseState = z.infer<typeof State>;

/** A case, as far as who looks may see it. */
export type Case = z.infer<typeof Case>;

/** A slide of a case. */
export type CaseSlide = z.infer<typeof CaseSlide>;

/** A document of a case, or a picture captured for an opinion. */
export type CaseDocument = z.infer<typeof Document>;

/** Somebody who was asked about a case. */
export type CaseGrant = z.infer<typeof Grant>;

/** Something that happened to a case. */
export type CaseEvent = z.infer<typeof Event>;

/** Who the patient is. */
export type Patient = z.infer<typeof Patient>;

/** What a draft lacks. */
export type CaseLack = z.infer<typeof Lack>;

/** A case in a list. */
export type ListedCase = z.infer<typeof Listed>;

/** How many cases wait. */
export type CaseCounts = z.infer<typeof Counts>;

/** A message about a case. */
export type CaseMessage = z.infer<typeof Message>;

/** A place on a slide that a message points to. */
export type Mark = z.infer<typeof Mark>;

/** Name of a text of a case. */
export type CaseText = keyof typeof texts;

/** What can be changed of a case. A day that is null is taken out. */
export interface CaseChange extends Partial<Record<CaseText, string>> {
  readonly isUrgent?: boolean;
  readonly dueOn?: string | null;
  readonly patient?: Partial<Omit<Patient, 'born'>> & { readonly born?: string | null };
}

/** What is looked for in the list of cases. */
export interface CaseQuery {
  readonly box: 'all' | 'asked' | 'lab';
  readonly order: 'newest' | 'urgent' | 'due' | 'accession';
  readonly states: readonly CaseState[];
  readonly urgent: boolean;
  readonly overdue: boolean;
  readonly text: string;
}

/** Whom to ask. */
export type NewGrant = { readonly showsPatient: boolean; readonly mayAnswer: boolean } & (
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'organisation'; readonly organisation: string }
  | {
      readonly kind: 'link';
      readonly name: string;
      readonly email: string;
      readonly passcode?: string;
      readonly days: number;
      /** Whether the link is sent to them by e-mail, too, once the case is sent. */
      readonly sendMail?: boolean;
    }
);

const at = (id: string) => `/cases/${encodeURIComponent(id)}`;

/** A page of cases. @param after `next` of the page before @throws {ApiError} */
export async function listCases(
  query: CaseQuery,
  after?: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof List>> {
  const { box, order, states, urgent, overdue, text } = query;
  const search = new URLSearchParams({
    box,
    order,
    ...(states.length > 0 && { states: states.join(',') }),
    ...(urgent && { urgent: 'true' }),
    ...(overdue && { overdue: 'true' }),
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(after !== undefined && { after }),
  });
  return await ask(List, `/cases?${search.toString()}`, { signal });
}

/** How many cases wait. @throws {ApiError} */
export async function countCases(signal?: AbortSignal): Promise<CaseCounts> {
  return await ask(Counts, '/case-counts', { signal });
}

/** One case. @throws {ApiError} 404 when there is none, or it is not to be seen */
export async function getCase(id: string, signal?: AbortSignal): Promise<Case> {
  return await ask(Case, at(id), { signal });
}

/** Begins a case. @throws {ApiError} */
export async function addCase(fields: CaseChange): Promise<Case> {
  return await ask(Case, '/cases', { method: 'POST', body: fields });
}

/** Changes what a case says. @throws {ApiError} 409 when somebody else has meanwhile */
export async function changeCase(id: string, version: number, change: CaseChange): Promise<Case> {
  return await ask(Case, at(id), { method: 'PATCH', body: { version, ...change } });
}

/** Brings a case into another state. @throws {ApiError} 409 when that cannot be */
export async function moveCase(id: string, to: CaseState, reason?: string): Promise<Case> {
  const body = { to, ...(reason !== undefined && { reason }) };
  return await ask(Case, `${at(id)}/state`, { method: 'POST', body });
}

/** Throws a draft away. @throws {ApiError} */
export async function discardCase(id: string): Promise<void> {
  await tell(at(id), { method: 'DELETE' });
}

/** Puts slides into a case, in an order. @throws {ApiError} */
export async function setCaseSlides(
  id: string,
  slides: readonly Pick<CaseSlide, 'id' | 'block' | 'stain'>[],
): Promise<Case> {
  const body = { slides: slides.map(({ id: slideId, block, stain }) => ({ id: slideId, block, stain })) };
  return await ask(Case, `${at(id)}/slides`, { method: 'PUT', body });
}

/** Adds a document. @throws {ApiError} 415 when it cannot be shown, 413 when it is too large */
export async function addDocument(id: string, file: File): Promise<CaseDocument> {
  const url = `${at(id)}/documents?name=${encodeURIComponent(file.name)}`;
  return await ask(Document, url, { method: 'POST', file });
}

/** Takes a document out of a case. @throws {ApiError} */
export async function removeDocument(id: string, documentId: string): Promise<void> {
  await tell(`${at(id)}/documents/${documentId}`, { method: 'DELETE' });
}

/** Where a document's bytes are. */
export function documentUrl(id: string, documentId: string): string {
  return `${at(id)}/documents/${documentId}`;
}

/** Asks somebody. @returns for a link its address, shown only now @throws {ApiError} */
export async function askSomebody(id: string, grant: NewGrant): Promise<string | undefined> {
  const added = z.object({ grant: Grant, url: z.optional(z.string()) });
  return (await ask(added, `${at(id)}/grants`, { method: 'POST', body: grant })).url;
}

/** Withdraws the question from somebody. @throws {ApiError} */
export async function endAsking(id: string, grantId: string): Promise<void> {
  await tell(`${at(id)}/grants/${grantId}`, { method: 'DELETE' });
}

/** What was said about a case, oldest first. @throws {ApiError} */
export async function listMessages(id: string, signal?: AbortSignal): Promise<readonly CaseMessage[]> {
  const answer = await ask(z.object({ messages: z.array(Message) }), `${at(id)}/messages`, { signal });
  return answer.messages;
}

/** Says something about a case. @throws {ApiError} */
export async function addMessage(id: string, text: string, mark?: Mark): Promise<CaseMessage> {
  const body = { text, ...(mark !== undefined && { mark }) };
  return await ask(Message, `${at(id)}/messages`, { method: 'POST', body });
}
