import { Readable } from 'node:stream';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { Intake } from '../../ingest/intake.ts';
import { SlideHashes } from '../../ingest/uploads/slide-hashes.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { Store } from '../../storage/store.ts';
import type { Author } from '../author.ts';
import { documentKey } from '../case-documents.ts';
import { titleOf } from '../case-slides.ts';
import type { Casework } from '../casework.ts';
import { mediaTypeOf } from '../media-type.ts';
import { checkedOpinions } from './check-opinions.ts';
import { importedCase } from './imported-rows.ts';
import { insertImported, type BroughtDocument, type BroughtOpinion } from './insert-imported.ts';
import { verifyCapsule, wholeEntry, type VerifiedCapsule } from './verify-capsule.ts';

/** What imports stand on. */
export interface ImportParts {
  readonly casework: Casework;
  readonly store: Store;
  readonly intake: Intake;
}

/** Whose case it becomes. */
export interface Importer {
  readonly organisationId: string;
  readonly by: Author;
}

/** What became of a capsule. */
export interface ImportedCapsule {
  readonly caseId: string;
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  readonly laboratory: string;
  /** How many slides came with it, were here already, and are not here. */
  readonly slides: { readonly added: number; readonly known: number; readonly missing: number };
}

/**
 * Makes a case of a capsule: nothing of it is taken before all of it was found to be as it was signed.
 *
 * Slides come first, through the ordinary intake; then all rows in one transaction. An import that was cut off leaves
 * slides in the laboratory's list, which the next try knows again by their hash.
 *
 * @throws {ServiceError} `damaged`, `unsupported`; `conflict` with the id of the case when it is here already
 */
export async function importCapsule(
  { casework, store, intake }: ImportParts,
  { organisationId, by }: Importer,
  source: ByteSource,
): Promise<ImportedCapsule> {
  const { database } = casework;
  const capsule = await verifyCapsule(source, new AbortController().signal);
  const known = await importedCase(database, organisationId, capsule.sha256);
  if (known !== undefined) throw alreadyHere(known);
  for await (const _ of checkedOpinions(source.name, capsule)); // All are looked at before anything is kept.
  const slides = await bringSlides({ database, intake, organisationId }, capsule);
  const documents = await bringDocuments(store, capsule);
  const opinions = await bringOpinions(store, source.name, capsule);
  const caseId = newId();
  const there = await insertImported(database, capsule, {
    caseId,
    organisationId,
    by,
    slides: slides.ids,
    documents,
    opinions,
  });
  if (there !== caseId) throw alreadyHere(there);
  await casework.changed(caseId, 'imported');
  const { laboratory, signer } = capsule.manifest;
  return { caseId, key: signer.fingerprint, laboratory: laboratory.name, slides: slides.counts };
}

function alreadyHere(caseId: string): ServiceError {
  return new ServiceError('conflict', `this capsule was imported already: it is the case ${caseId}`);
}

interface SlideParts {
  readonly database: Database;
  readonly intake: Intake;
  readonly organisationId: string;
}

/** The slides as they are here, by their id elsewhere. */
interface BroughtSlides {
  readonly ids: ReadonlyMap<SlideId, SlideId>;
  readonly counts: ImportedCapsule['slides'];
}

async function bringSlides(
  { database, intake, organisationId }: SlideParts,
  capsule: VerifiedCapsule,
): Promise<BroughtSlides> {
  const hashes = new SlideHashes(database);
  const ids = new Map<SlideId, SlideId>();
  let [added, known] = [0, 0];
  for (const slide of capsule.manifest.slides) {
    const { sha256, original } = slide;
    const here = sha256 === undefined ? undefined : await hashes.find(organisationId, sha256);
    if (here !== undefined) known += 1;
    if (here !== undefined || original === undefined || sha256 === undefined) {
      if (here !== undefined) ids.set(slide.id, here);
      continue;
    }
    const name = slide.name ?? `${titleOf(slide)}${/\..*$/.exec(original)?.[0] ?? ''}`;
    const declaredBytes = capsule.manifest.entries.find((entry) => entry.name === original)?.bytes;
    const body = Readable.from(capsule.entry(original), { objectMode: false });
    const record = await intake.receive(name, body, { declaredBytes, organisationId });
    await hashes.claim(record, sha256);
    ids.set(slide.id, record.id);
    added += 1;
  }
  const missing = capsule.manifest.slides.length - ids.size;
  return { ids, counts: { added, known, missing } };
}

/** Puts documents into the store. @throws {ServiceError} `unsupported` for what is no document */
async function bringDocuments(store: Store, capsule: VerifiedCapsule): Promise<readonly BroughtDocument[]> {
  const brought: BroughtDocument[] = [];
  for (const said of capsule.manifest.documents) {
    const bytes = await wholeEntry(capsule, said.entry);
    const mediaType = mediaTypeOf(bytes);
    const id = newId();
    await store.put(documentKey(id), bytes, { ifAbsent: true, contentType: mediaType });
    const entry = capsule.manifest.entries.find(({ name }) => name === said.entry);
    brought.push({ ...said, id, mediaType, bytes: bytes.length, sha256: entry?.sha256 ?? '' });
  }
  return brought;
}

async function bringOpinions(
  store: Store,
  name: string,
  capsule: VerifiedCapsule,
): Promise<readonly BroughtOpinion[]> {
  const keep = async (report: Buffer | undefined) => {
    if (report === undefined) return undefined;
    const id = newId();
    await store.put(documentKey(id), report, { ifAbsent: true, contentType: 'application/pdf' });
    return id;
  };
  const brought: BroughtOpinion[] = [];
  for await (const { signed, report, patientReport } of checkedOpinions(name, capsule))
    brought.push({
      signed,
      reportId: await keep(report),
      patientReportId: await keep(patientReport),
    });
  return brought;
}
