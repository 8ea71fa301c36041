import type { Selectable } from 'kysely';
import type { CaseState, ClinicalCaseTable } from '../db/case-schema.ts';

export type { CaseState } from '../db/case-schema.ts';

/** Sexes a case can name; empty: not told. */
export const sexes = ['', 'female', 'male', 'other', 'unknown'] as const;

/** Who the patient is; only for who may know. */
export interface Patient {
  readonly name: string;
  /** Their number in the hospital. */
  readonly number: string;
  /** `YYYY-MM-DD`. */
  readonly born?: string;
  readonly sex: (typeof sexes)[number];
}

/** What the laboratory writes into a case. Texts are empty where nothing was written. */
export interface CaseFields {
  readonly accession: string;
  /** What stands for the patient's name. */
  readonly pseudonym: string;
  readonly specimen: string;
  readonly history: string;
  readonly question: string;
  readonly priorDiagnosis: string;
  /** The physician's. */
  readonly notes: string;
  readonly testResults: string;
  readonly isUrgent: boolean;
  /** `YYYY-MM-DD`. */
  readonly dueOn?: string;
  readonly patient: Patient;
}

/** A case, without its parts. Times: ISO 8601, UTC. */
export interface CaseRecord extends CaseFields {
  readonly id: string;
  readonly organisationId: string;
  readonly state: CaseState;
  readonly version: number;
  /** The account that began it. */
  readonly addedBy?: string;
  readonly addedAt: string;
  readonly changedAt: string;
  readonly sentAt?: string;
  readonly reviewAt?: string;
  readonly answeredAt?: string;
  readonly closedAt?: string;
}

/** The texts of a case, in the order in which they are read. */
export const caseTexts = [
  'accession',
  'pseudonym',
  'specimen',
  'history',
  'question',
  'priorDiagnosis',
  'notes',
  'testResults',
] as const;

/** Name of a text of a case. */
export type CaseText = (typeof caseTexts)[number];

/** A row as a case. */
export function toCase(row: Omit<Selectable<ClinicalCaseTable>, 'words' | 'patient_words'>): CaseRecord {
  const { id, organisation_id: organisationId, state, version, added_by: addedBy } = row;
  const times = {
    sentAt: row.sent_at,
    reviewAt: row.review_at,
    answeredAt: row.answered_at,
    closedAt: row.closed_at,
  };
  const known = Object.entries(times).filter((entry): entry is [string, Date] => entry[1] !== null);
  return {
    id,
    organisationId,
    state,
    version,
    ...(addedBy !== null && { addedBy }),
    addedAt: row.added_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
    ...Object.fromEntries(known.map(([name, time]) => [name, time.toISOString()])),
    accession: row.accession,
    pseudonym: row.pseudonym,
    specimen: row.specimen,
    history: row.history,
    question: row.question,
    priorDiagnosis: row.prior_diagnosis,
    notes: row.notes,
    testResults: row.test_results,
    isUrgent: row.is_urgent,
    ...(row.due_on !== null && { dueOn: row.due_on }),
    patient: {
      name: row.patient_name,
      number: row.patient_number,
      ...(row.patient_born !== null && { born: row.patient_born }),
      sex: row.patient_sex,
    },
  };
}

/** Who moves a case on: the laboratory that asks, who answers, or the service when an opinion is signed. */
export type Mover = 'lab' | 'consultant' | 'opinion';

/** Which moves there are, and whose they are. */
const moves: Readonly<Record<CaseState, Readonly<Partial<Record<CaseState, Mover>>>>> = {
  draft: { sent: 'lab' },
  sent: { draft: 'lab', 'in-review': 'consultant', answered: 'opinion' },
  'in-review': { answered: 'opinion', sent: 'consultant' },
  // The laboratory asks once more.
  answered: { sent: 'lab', closed: 'lab', answered: 'opinion' },
  closed: { answered: 'lab' },
};

/** Whose move it is to bring a case from one state to another; undefined when there is no such move. */
export function moverOf(from: CaseState, to: CaseState): Mover | undefined {
  return moves[from][to];
}
