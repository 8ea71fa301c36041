import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { authorColumns, type Author } from './author.ts';

/** What can happen to a case, in words a person reads behind a name. */
export const eventWords = {
  begun: 'began the case',
  sent: 'sent the case',
  recalled: 'took the case back',
  'in-review': 'began the review',
  'given-back': 'gave the case back without an answer',
  answered: 'answered',
  amended: 'amended the answer',
  'asked-again': 'asked again',
  closed: 'closed the case',
  reopened: 'opened the case again',
  changed: 'changed what the case says',
  slides: 'changed the slides',
  document: 'added a document',
  'document-removed': 'removed a document',
  asked: 'asked for an opinion',
  'ask-ended': 'withdrew the question',
  entered: 'opened the case by the link',
  imported: 'imported the case',
} as const;

/** Name of something that can happen to a case. */
export type CaseEventKind = keyof typeof eventWords;

/** Something that happened to a case. */
export interface CaseEvent {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: string;
  readonly words: string;
  readonly by: string;
  /** What else there is to tell, e.g. the texts as they were before. */
  readonly detail: Readonly<Record<string, string>>;
}

/** Writes down what happens to a case, in the transaction in which it happens. */
export async function noteEvent(
  db: Kysely<Schema>,
  caseId: string,
  by: Author,
  { kind, detail = {} }: { readonly kind: CaseEventKind; readonly detail?: Readonly<Record<string, string>> },
): Promise<void> {
  await db
    .insertInto('case_event')
    .values({
      case_id: caseId,
      at: new Date(),
      kind,
      ...authorColumns(by),
      detail: JSON.stringify(detail),
    })
    .execute();
}

/** What happened to a case, oldest first. */
export async function eventsOf(db: Kysely<Schema>, caseId: string): Promise<readonly CaseEvent[]> {
  const rows = await db
    .selectFrom('case_event')
    .select(['at', 'kind', 'author_name', 'detail'])
    .where('case_id', '=', caseId)
    .orderBy('id')
    .execute();
  return rows.map(({ at, kind, author_name: by, detail }) => ({
    at: at.toISOString(),
    kind,
    words: isEventKind(kind) ? eventWords[kind] : kind,
    by,
    detail: textsOf(detail),
  }));
}

function isEventKind(word: string): word is CaseEventKind {
  return Object.hasOwn(eventWords, word);
}

/** `noteEvent` writes texts only. */
function textsOf(detail: unknown): Readonly<Record<string, string>> {
  if (typeof detail !== 'object' || detail === null) return {};
  return Object.fromEntries(Object.entries(detail).map(([name, text]) => [name, String(text)]));
}
