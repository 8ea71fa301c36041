import { sql, type Kysely } from 'kysely';
import { newId } from '../../core/ids.ts';
import type { SlideId } from '../../core/slide.ts';
import type { CaseState } from '../../db/case-schema.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import type { Author } from '../author.ts';
import type { CaseDocument } from '../case-documents.ts';
import { noteEvent } from '../case-events.ts';
import { canonicalText, type SignedOpinion } from '../opinions/signed-opinion.ts';
import type { Manifest } from './capsule-manifest.ts';
import { insertDrawn } from './imported-annotations.ts';
import { importedCaseIn } from './imported-rows.ts';
import type { VerifiedCapsule } from './verify-capsule.ts';

/** A document whose bytes are in the store. */
export type BroughtDocument = Omit<CaseDocument, 'by'> & { readonly by: string };

/** An opinion whose reports are in the store. */
export interface BroughtOpinion {
  readonly signed: SignedOpinion;
  readonly reportId: string | undefined;
  readonly patientReportId: string | undefined;
}

/** What becomes rows. */
export interface Brought {
  readonly caseId: string;
  readonly organisationId: string;
  readonly by: Author;
  /** Slides here by their id elsewhere; those that are missing are not among them. */
  readonly slides: ReadonlyMap<SlideId, SlideId>;
  readonly documents: readonly BroughtDocument[];
  readonly opinions: readonly BroughtOpinion[];
}

/**
 * Writes the rows of an imported case, all or none. Who did what elsewhere stays as a name: nobody here has done it.
 *
 * @returns id of the case, or of the one that the same capsule became meanwhile
 */
export async function insertImported(
  database: Database,
  capsule: VerifiedCapsule,
  brought: Brought,
): Promise<string> {
  return await database.transaction(async (db) => {
    const { organisationId, caseId } = brought;
    const lock = `capsule ${organisationId} ${capsule.sha256}`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(db);
    const there = await importedCaseIn(db, organisationId, capsule.sha256);
    if (there !== undefined) return there;
    await insertCase(db, capsule.manifest, brought);
    await insertOrigin(db, capsule, brought);
    await insertParts(db, capsule.manifest, brought);
    const drawn = await insertDrawn(db, capsule, brought);
    await insertTalk(db, capsule.manifest, { ...brought, drawn });
    return caseId;
  });
}

/** Where nobody is asked any more, a case is as it was; else it is to be sent anew. */
function stateOf({ case: { state } }: Manifest): CaseState {
  return state === 'answered' || state === 'closed' ? state : 'draft';
}

async function insertCase(
  db: Kysely<Schema>,
  manifest: Manifest,
  { caseId, organisationId, by }: Brought,
): Promise<void> {
  const told = manifest.case;
  const state = stateOf(manifest);
  const time = (at: string | undefined) => (at === undefined || state === 'draft' ? null : new Date(at));
  await db
    .insertInto('clinical_case')
    .values({
      id: caseId,
      organisation_id: organisationId,
      state,
      accession: told.accession,
      pseudonym: told.pseudonym,
      specimen: told.specimen,
      history: told.history,
      question: told.question,
      prior_diagnosis: told.priorDiagnosis,
      notes: told.notes,
      test_results: told.testResults,
      is_urgent: told.isUrgent,
      due_on: told.dueOn ?? null,
      patient_name: told.patient?.name ?? '',
      patient_number: told.patient?.number ?? '',
      patient_born: told.patient?.born ?? null,
      patient_sex: told.patient?.sex ?? '',
      added_by: by.accountId ?? null,
      added_at: new Date(told.addedAt),
      changed_at: new Date(),
      sent_at: time(told.sentAt),
      review_at: time(told.reviewAt),
      answered_at: time(told.answeredAt),
      closed_at: time(told.closedAt),
    })
    .execute();
}

async function insertOrigin(
  db: Kysely<Schema>,
  { manifest, sha256 }: VerifiedCapsule,
  { caseId, organisationId }: Brought,
): Promise<void> {
  const now = new Date();
  await db
    .insertInto('case_import')
    .values({
      case_id: caseId,
      organisation_id: organisationId,
      capsule_sha256: sha256,
      key_id: manifest.signer.fingerprint,
      laboratory: manifest.laboratory.name,
      exported_at: new Date(manifest.exportedAt),
      imported_at: now,
    })
    // The case that it became first was thrown away.
    .onConflict((existing) =>
      existing
        .columns(['organisation_id', 'capsule_sha256'])
        .doUpdateSet({ case_id: caseId, imported_at: now }),
    )
    .execute();
}

async function insertParts(
  db: Kysely<Schema>,
  manifest: Manifest,
  { caseId, slides, documents, opinions }: Brought,
): Promise<void> {
  const present = manifest.slides.filter(({ id }) => slides.has(id));
  // Two slides elsewhere may be one here.
  const seen = new Set<SlideId>();
  for (const { id, position, block, stain } of present) {
    const slideId = slides.get(id)!; // filtered above
    if (seen.has(slideId)) continue;
    seen.add(slideId);
    const row = { case_id: caseId, slide_id: slideId, position, block, stain };
    await db.insertInto('case_slide').values(row).execute();
  }
  for (const { id, kind, name, mediaType, bytes, sha256, by, addedAt } of documents)
    await db
      .insertInto('case_document')
      .values({
        id,
        case_id: caseId,
        kind,
        name,
        media_type: mediaType,
        bytes,
        sha256,
        author_name: by,
        added_at: new Date(addedAt),
      })
      .execute();
  for (const [position, { signed, reportId, patientReportId }] of opinions.entries())
    await db
      .insertInto('imported_opinion')
      .values({
        id: newId(),
        case_id: caseId,
        position,
        signed: canonicalText(signed),
        report_id: reportId ?? null,
        patient_report_id: patientReportId ?? null,
      })
      .execute();
}

async function insertTalk(
  db: Kysely<Schema>,
  { messages, events, laboratory, signer }: Manifest,
  { caseId, by, slides, drawn }: Brought & { readonly drawn: ReadonlyMap<string, string> },
): Promise<void> {
  for (const { at, by: author, text, mark } of messages)
    await db
      .insertInto('case_message')
      .values({
        id: newId(),
        case_id: caseId,
        author_name: author,
        at: new Date(at),
        text,
        mark: markHere(mark, slides, drawn),
      })
      .execute();
  for (const { at, kind, by: author, detail } of events)
    await db
      .insertInto('case_event')
      .values({
        case_id: caseId,
        at: new Date(at),
        kind,
        author_name: author,
        detail: JSON.stringify(detail),
      })
      .execute();
  const detail = { laboratory: laboratory.name, key: signer.fingerprint };
  await noteEvent(db, caseId, by, { kind: 'imported', detail });
}

/** A mark with the ids of here; none where its slide is not here. */
function markHere(
  mark: Manifest['messages'][number]['mark'],
  slides: ReadonlyMap<SlideId, SlideId>,
  drawn: ReadonlyMap<string, string>,
): string | null {
  const slideId = mark && slides.get(mark.slideId);
  if (mark === undefined || slideId === undefined) return null;
  const { annotationId, ...place } = mark;
  const shape = annotationId === undefined ? undefined : drawn.get(annotationId);
  return JSON.stringify({ ...place, slideId, ...(shape !== undefined && { annotationId: shape }) });
}
