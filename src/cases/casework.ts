import type { Database } from '../db/database.ts';
import type { Store } from '../storage/store.ts';
import { CaseDocuments } from './case-documents.ts';
import type { CaseEventKind } from './case-events.ts';
import { CaseGrants } from './case-grants.ts';
import { CaseMessages } from './case-messages.ts';
import { CaseSlides } from './case-slides.ts';
import { Cases, type CaseListener } from './cases.ts';
import { Material, type Originals } from './opinions/material.ts';
import { OpinionDrafts } from './opinions/opinion-drafts.ts';
import { Opinions } from './opinions/opinions.ts';

/** All that is done about cases. */
export interface Casework {
  readonly database: Database;
  readonly cases: Cases;
  readonly slides: CaseSlides;
  readonly documents: CaseDocuments;
  readonly messages: CaseMessages;
  readonly grants: CaseGrants;
  /** Whether people are told by e-mail, too. */
  readonly sendsMail: boolean;
  /** Public address of this service, where it is configured. */
  readonly publicUrl: string | undefined;
  readonly drafts: OpinionDrafts;
  readonly opinions: Opinions;
  /** Told of every change of a case in this process. */
  readonly changed: CaseListener;
}

/** What casework stands on. */
export interface CaseworkParts {
  readonly database: Database;
  readonly store: Store;
  /** Whether people are told by e-mail, too. */
  readonly sendsMail: boolean;
  /** Public address of this service, where it is configured. */
  readonly publicUrl: string | undefined;
  readonly originals: Originals;
  /** Called after every change, before its request is answered. */
  readonly changed: CaseListener;
}

/** Puts together what is done about cases; nothing of it has to be closed. */
export function createCasework({
  publicUrl,
  database,
  store,
  sendsMail,
  originals,
  changed,
}: CaseworkParts): Casework {
  return {
    database,
    cases: new Cases(database, changed),
    slides: new CaseSlides(database, changed),
    documents: new CaseDocuments(database, store, changed),
    messages: new CaseMessages(database, changed),
    grants: new CaseGrants(database, changed),
    sendsMail,
    publicUrl,
    drafts: new OpinionDrafts(database, changed),
    opinions: new Opinions({ database, store, material: new Material(database, originals), changed }),
    changed,
  };
}

/** Changes after which somebody may see more slides, or fewer. */
const changesAccess: readonly CaseEventKind[] = ['asked', 'ask-ended', 'slides', 'sent', 'recalled'];

/** Whether after a change who sees which slides is another matter. */
export function doesChangeAccess(kind: CaseEventKind): boolean {
  return changesAccess.includes(kind);
}
