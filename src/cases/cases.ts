import type { Kysely, Updateable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { CaseState, ClinicalCaseTable } from '../db/case-schema.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import type { Author } from './author.ts';
import { eventsOf, noteEvent, type CaseEvent, type CaseEventKind } from './case-events.ts';
import { caseTexts, moverOf, toCase, type CaseFields, type CaseRecord } from './case-record.ts';

/** Parts that may be left out, or be undefined. */
type Some<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A change of what a case says; what is absent stays. A day that is null is taken out. */
export type CaseChange = Some<Omit<CaseFields, 'dueOn' | 'patient'>> & {
  readonly dueOn?: string | null | undefined;
  readonly patient?:
    | (Some<Omit<CaseFields['patient'], 'born'>> & { readonly born?: string | null | undefined })
    | undefined;
};

/** Told of every change of a case, so that pages and other processes see it at once. */
export type CaseListener = (caseId: string, kind: CaseEventKind) => Promise<void>;

/** What changes a case, and whose change it is. */
export interface CaseMove {
  readonly to: CaseState;
  readonly mover: 'lab' | 'consultant' | 'opinion';
  /** For a case that is asked about once more, or given back: why. */
  readonly reason?: string | undefined;
}

/** Cases: what laboratories ask. Who may is decided before. */
export class Cases {
  readonly #database: Database;
  readonly #changed: CaseListener;

  constructor(database: Database, changed: CaseListener) {
    this.#database = database;
    this.#changed = changed;
  }

  /** Begins a case, as a draft. */
  async add(
    organisationId: string,
    by: Author,
    fields: CaseChange,
    kind: 'begun' | 'imported' = 'begun',
  ): Promise<CaseRecord> {
    const id = newId();
    const now = new Date();
    const added = await this.#database.transaction(async (db) => {
      const row = await db
        .insertInto('clinical_case')
        .values({
          ...columnsOf(fields),
          id,
          organisation_id: organisationId,
          added_by: by.accountId ?? null,
          added_at: now,
          changed_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await noteEvent(db, id, by, { kind });
      return toCase(row);
    });
    await this.#changed(id, kind);
    return added;
  }

  /** @throws {ServiceError} `not-found` */
  async get(id: string): Promise<CaseRecord> {
    return await this.#database.run((db) => caseIn(db, id));
  }

  /** What happened to a case, oldest first. */
  async events(id: string): Promise<readonly CaseEvent[]> {
    return await this.#database.run((db) => eventsOf(db, id));
  }

  /**
   * Changes what a case says. Once it is sent, what texts said before is kept in its history.
   *
   * @param version the one that was changed
   * @throws {ServiceError} `conflict` when somebody else changed it meanwhile, or it is closed
   */
  async change(id: string, by: Author, version: number, fields: CaseChange): Promise<CaseRecord> {
    const changed = await this.#database.transaction(async (db) => {
      const before = await lockedCase(db, id);
      checkVersion(before, version);
      if (before.state === 'closed')
        throw new ServiceError('conflict', 'the case is closed: open it again before you change it');
      const after = await updated(db, id, columnsOf(fields));
      // A draft is written in many small steps: they leave no history.
      const detail = before.state === 'draft' ? {} : textsBefore(before, after);
      if (Object.keys(detail).length > 0) await noteEvent(db, id, by, { kind: 'changed', detail });
      return after;
    });
    await this.#changed(id, 'changed');
    return changed;
  }

  /**
   * Brings a case into another state.
   *
   * @throws {ServiceError} `conflict` when there is no such move from where it is
   */
  async move(id: string, by: Author, move: CaseMove): Promise<CaseRecord> {
    const { moved, kind } = await this.#database.transaction(async (db) => await moveIn(db, id, by, move));
    await this.#changed(id, kind);
    return moved;
  }

  /** Throws a draft away. @throws {ServiceError} `conflict` when it was sent */
  async discard(id: string): Promise<void> {
    await this.#database.transaction(async (db) => {
      const { state } = await lockedCase(db, id);
      if (state !== 'draft')
        throw new ServiceError('conflict', 'only a draft can be thrown away: take the case back first');
      await updated(db, id, { discarded_at: new Date() });
    });
    await this.#changed(id, 'changed');
  }
}

/** States in words. */
export const stateWords: Readonly<Record<CaseState, string>> = {
  draft: 'a draft',
  sent: 'sent',
  'in-review': 'in review',
  answered: 'answered',
  closed: 'closed',
};

/** A case within a transaction. @throws {ServiceError} `not-found` */
export async function caseIn(db: Kysely<Schema>, id: string): Promise<CaseRecord> {
  const row = await db
    .selectFrom('clinical_case')
    .selectAll()
    .where('id', '=', id)
    .where('discarded_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw new ServiceError('not-found', `no case ${id}`);
  return toCase(row);
}

/** A case that nobody else changes until the transaction ends. @throws {ServiceError} `not-found` */
export async function lockedCase(db: Kysely<Schema>, id: string): Promise<CaseRecord> {
  const row = await db
    .selectFrom('clinical_case')
    .selectAll()
    .where('id', '=', id)
    .where('discarded_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new ServiceError('not-found', `no case ${id}`);
  return toCase(row);
}

/**
 * Brings a case into another state within a transaction; whoever calls it tells of the event afterwards.
 *
 * @throws {ServiceError} `not-found`; `conflict` when there is no such move from where it is
 */
export async function moveIn(
  db: Kysely<Schema>,
  id: string,
  by: Author,
  { to, mover, reason }: CaseMove,
): Promise<{ readonly moved: CaseRecord; readonly kind: CaseEventKind }> {
  const { state } = await lockedCase(db, id);
  if (moverOf(state, to) !== mover)
    throw new ServiceError(
      'conflict',
      `the case is ${stateWords[state]}: it cannot become ${stateWords[to]} now`,
    );
  const kind = kindOf(state, to);
  await noteEvent(db, id, by, { kind, ...(reason !== undefined && { detail: { reason } }) });
  return { moved: await updated(db, id, { state: to, ...timesOf(state, to) }), kind };
}

/** Changes columns of a case, and counts that. */
export async function updated(
  db: Kysely<Schema>,
  id: string,
  columns: Updateable<ClinicalCaseTable>,
): Promise<CaseRecord> {
  const row = await db
    .updateTable('clinical_case')
    .set({ ...columns, changed_at: new Date() })
    .set((is) => ({ version: is('version', '+', 1) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toCase(row);
}

/** @throws {ServiceError} `conflict` */
export function checkVersion(there: CaseRecord, version: number): void {
  if (there.version !== version)
    throw new ServiceError('conflict', 'somebody else has changed the case meanwhile; look at it anew');
}

function columnsOf({ dueOn, isUrgent, patient = {}, ...texts }: CaseChange): Updateable<ClinicalCaseTable> {
  const { accession, pseudonym, specimen, history, question, notes } = texts;
  const columns: Updateable<ClinicalCaseTable> = {
    accession,
    pseudonym,
    specimen,
    history,
    question,
    prior_diagnosis: texts.priorDiagnosis,
    notes,
    test_results: texts.testResults,
    is_urgent: isUrgent,
    due_on: dueOn,
    patient_name: patient.name,
    patient_number: patient.number,
    patient_born: patient.born,
    patient_sex: patient.sex,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

/** What the texts said that were changed; of the patient only that something was. */
function textsBefore(before: CaseRecord, after: CaseRecord): Record<string, string> {
  const texts = caseTexts.filter((name) => before[name] !== after[name]).map((name) => [name, before[name]]);
  const isPatientChanged = JSON.stringify(before.patient) !== JSON.stringify(after.patient);
  return { ...Object.fromEntries(texts), ...(isPatientChanged && { patient: 'changed' }) };
}

function kindOf(from: CaseState, to: CaseState): CaseEventKind {
  if (to === 'draft') return 'recalled';
  if (to === 'sent') return from === 'draft' ? 'sent' : from === 'answered' ? 'asked-again' : 'given-back';
  if (to === 'answered') return from === 'closed' ? 'reopened' : from === 'answered' ? 'amended' : 'answered';
  return to;
}

function timesOf(from: CaseState, to: CaseState): Updateable<ClinicalCaseTable> {
  const now = new Date();
  if (to === 'draft') return { sent_at: null, review_at: null };
  if (to === 'sent')
    return from === 'in-review' ? { review_at: null } : { sent_at: now, review_at: null, answered_at: null };
  if (to === 'in-review') return { review_at: now };
  if (to === 'closed') return { closed_at: now };
  return from === 'closed' ? { closed_at: null } : { answered_at: now };
}
