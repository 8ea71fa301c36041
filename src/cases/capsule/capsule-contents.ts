import { ServiceError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import type { SlideProperties } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import { geometryOf } from '../../tiles/deep-zoom-tiles.ts';
import type { TileService } from '../../tiles/tile-service.ts';
import { documentsOf, type CaseDocument } from '../case-documents.ts';
import type { CaseEvent } from '../case-events.ts';
import type { CaseMessage } from '../case-messages.ts';
import type { CaseRecord, Patient } from '../case-record.ts';
import { isViewable, slidesOf, type CaseSlide } from '../case-slides.ts';
import type { Casework } from '../casework.ts';
import { opinionsWithKeys, toOpinion } from '../opinions/opinion-rows.ts';
import type { CapsuleOpinion } from './capsule-opinion.ts';
import { importedOpinions } from './imported-rows.ts';

/** Longest side of the picture of a slide that a capsule shows, px. */
const pictureSide = 4096;

/** A case with all that leaves the house with it. */
export interface CapsuleContents {
  readonly laboratory: { readonly id: string; readonly name: string };
  /** Without the patient, unless they were asked for. */
  readonly record: Omit<CaseRecord, 'patient'> & { readonly patient?: Patient };
  readonly slides: readonly CapsuleSlide[];
  readonly documents: readonly CaseDocument[];
  readonly messages: readonly Omit<CaseMessage, 'isOwn'>[];
  readonly events: readonly CaseEvent[];
  readonly opinions: readonly CapsuleOpinion[];
}

/** A slide of the case; `seen` is absent where it cannot be shown. */
export interface CapsuleSlide extends CaseSlide {
  readonly seen?: Pick<SlideProperties, 'size' | 'mpp' | 'objectivePower'> & { readonly picture: Size };
}

/** What contents are gathered from. */
export interface ContentsParts {
  readonly casework: Casework;
  readonly tiles: TileService;
}

/**
 * Gathers a case.
 *
 * @param withPatient whether whoever asks may know the patient, and wants them in it
 * @throws {ServiceError} `not-found`
 */
export async function contentsOf(
  { casework, tiles }: ContentsParts,
  caseId: string,
  withPatient: boolean,
): Promise<CapsuleContents> {
  const { database, cases, messages } = casework;
  const [record, laboratory, slides, documents, said, events, signed, imported] = await Promise.all([
    cases.get(caseId),
    laboratoryOf(database, caseId),
    slidesWithHashes(database, caseId),
    database.run((db) => documentsOf(db, caseId)),
    messages.list(caseId, { name: '' }),
    cases.events(caseId),
    opinionsOf(database, caseId),
    importedOpinions(database, caseId),
  ]);
  const { patient, ...told } = record;
  const opinions = [...imported, ...signed];
  return {
    laboratory,
    record: { ...told, ...(withPatient && { patient }) },
    slides: await Promise.all(slides.map((slide) => shown(tiles, slide))),
    documents: leaving(documents, opinions),
    messages: said.map(({ id, at, by, text, mark }) => ({
      id,
      at,
      by,
      text,
      ...(mark !== undefined && { mark }),
    })),
    events,
    opinions,
  };
}

async function laboratoryOf(database: Database, caseId: string): Promise<CapsuleContents['laboratory']> {
  const found = await database.run((db) =>
    db
      .selectFrom('clinical_case')
      .innerJoin('organisation', 'organisation.id', 'clinical_case.organisation_id')
      .select(['organisation.id', 'organisation.name'])
      .where('clinical_case.id', '=', caseId)
      .executeTakeFirst(),
  );
  if (found === undefined) throw new ServiceError('not-found', `no case ${caseId}`);
  return found;
}

/** The slides; of those whose hash was not made when they came, the one that was made for an opinion. */
async function slidesWithHashes(database: Database, caseId: string): Promise<readonly CaseSlide[]> {
  return await database.run(async (db) => {
    const slides = await slidesOf(db, caseId);
    if (slides.length === 0) return [];
    const ids = slides.map(({ id }) => id);
    const made = await db.selectFrom('original_hash').selectAll().where('slide_id', 'in', ids).execute();
    const hashes = new Map(made.map(({ slide_id: id, sha256 }) => [id, sha256]));
    return slides.map((slide) => {
      const sha256 = slide.sha256 ?? hashes.get(slide.id);
      return { ...slide, ...(sha256 !== undefined && { sha256 }) };
    });
  });
}

async function shown(tiles: TileService, slide: CaseSlide): Promise<CapsuleSlide> {
  if (!isViewable(slide)) return slide;
  const open = await tiles.open(slide.id);
  const { size, mpp, objectivePower } = open.index.properties;
  const geometry = geometryOf(open);
  let level = geometry.maxLevel;
  while (longest(geometry.levelSize(level)) > pictureSide) level -= 1;
  return {
    ...slide,
    seen: {
      size,
      ...(mpp !== undefined && { mpp }),
      ...(objectivePower !== undefined && { objectivePower }),
      picture: geometry.levelSize(level),
    },
  };
}

/** The longer side. */
export function longest({ width, height }: Size): number {
  return Math.max(width, height);
}

/** @throws {ServiceError} `damaged` when one is not as it was signed */
async function opinionsOf(database: Database, caseId: string): Promise<readonly CapsuleOpinion[]> {
  const rows = await database.run((db) =>
    opinionsWithKeys(db).where('case_id', '=', caseId).orderBy('opinion.version').execute(),
  );
  return rows.map((row) => {
    const { signed, isValid } = toOpinion(row);
    if (!isValid) throw new ServiceError('damaged', 'an opinion is not as it was signed; tell the operator');
    const { report_id: reportId, patient_report_id: patientReportId } = row;
    return { signed, reportId, ...(patientReportId !== null && { patientReportId }) };
  });
}

/** Documents; of figures those that were signed: others are somebody's draft. */
function leaving(
  documents: readonly CaseDocument[],
  opinions: readonly CapsuleOpinion[],
): readonly CaseDocument[] {
  const signed = new Set(
    opinions.flatMap(({ signed: { content } }) => content.figures.map(({ sha256 }) => sha256)),
  );
  return documents.filter(({ kind, sha256 }) => kind === 'document' || signed.has(sha256));
}
