import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { SlideId } from '../../core/slide.ts';
import { countedBody } from '../../ingest/counted-body.ts';
import type { Intake } from '../../ingest/intake.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { openFileSource } from '../../storage/sources.ts';
import type { Store } from '../../storage/store.ts';
import type { TileService } from '../../tiles/tile-service.ts';
import { Annotations } from '../annotations/annotations.ts';
import { documentKey } from '../case-documents.ts';
import { titleOf } from '../case-slides.ts';
import type { Casework } from '../casework.ts';
import { verifyReport } from '../opinions/report-seal.ts';
import { signingKeyIn } from '../opinions/signing-keys.ts';
import { contentsOf, type CapsuleContents } from './capsule-contents.ts';
import type { Manifest } from './capsule-manifest.ts';
import { fhirBundle, type FhirBundle } from './fhir-bundle.ts';
import { importCapsule, type ImportedCapsule, type Importer } from './import-capsule.ts';
import { importedOpinions } from './imported-rows.ts';
import { capsuleBytes } from './write-capsule.ts';

/** What capsules stand on. */
export interface CapsuleParts {
  readonly casework: Casework;
  readonly store: Store;
  readonly tiles: TileService;
  readonly intake: Intake;
  /** Reads the original of a slide, wherever it lies. */
  readonly originals: (id: SlideId) => Promise<ByteSource>;
  /** Folder for what is being imported. */
  readonly workFolder: string;
  /** Largest capsule that is taken. */
  readonly maxBytes: number;
  readonly service: Manifest['service'];
}

/** What goes into a capsule. */
export interface CapsuleWish {
  /** Whether the originals of the slides do. */
  readonly slides: boolean;
  /** Whether the patient does. */
  readonly patient: boolean;
  readonly by: string;
}

/** How much a capsule will hold, roughly, bytes. */
export interface CapsuleSize {
  readonly withoutSlides: number;
  readonly withSlides: number;
  readonly slides: number;
}

/** What a slide's picture takes, bytes, roughly. */
const pictureBytes = 1_500_000;

/** Cases as files: out of the house, and in again elsewhere. Who may is decided before. */
export class Capsules {
  readonly #parts: CapsuleParts;

  constructor(parts: CapsuleParts) {
    this.#parts = parts;
  }

  /** Roughly how large the capsule of a case will be. */
  async size(caseId: string): Promise<CapsuleSize> {
    const { rows } = await this.#parts.casework.database.run(
      async (db) =>
        await sql<{ documents: number; slides: number; bytes: number }>`
          select (select coalesce(sum(bytes), 0)::float8 from case_document
              where case_id = ${caseId} and removed_at is null) as documents,
            count(*)::integer as slides, coalesce(sum(slide.bytes), 0)::float8 as bytes
          from case_slide join slide on slide.id = slide_id
          where case_id = ${caseId} and deleted_at is null`.execute(db),
    );
    const { documents = 0, slides = 0, bytes = 0 } = rows[0] ?? {};
    const withoutSlides = documents + slides * pictureBytes + 100_000;
    return { withoutSlides, withSlides: withoutSlides + bytes, slides };
  }

  /**
   * A case as a capsule, made while it is read.
   *
   * Originals hold a picture of the label, and whatever the scanner wrote into them, so they go with the patient or not
   * at all.
   *
   * @throws {ServiceError} `invalid` for slides without the patient; `conflict` while one is still arriving
   */
  async export(caseId: string, { slides, patient, by }: CapsuleWish): Promise<AsyncIterable<Uint8Array>> {
    const { casework, store, tiles, originals, service } = this.#parts;
    if (slides && !patient)
      throw new ServiceError(
        'invalid',
        'slides as the scanner wrote them show the label, which may name the patient: export them with patient=true, or without slides',
      );
    const contents = await contentsOf(this.#parts, caseId, patient);
    if (slides) checkArrived(contents);
    const key = await casework.database.transaction(signingKeyIn);
    const annotations = new Annotations(casework.database);
    const notes = { service, exportedBy: by, exportedAt: new Date().toISOString() };
    return capsuleBytes(
      { store, tiles, annotations, originals, key },
      { contents, notes, withSlides: slides },
    );
  }

  /** A case in FHIR; the newest report is in it. */
  async fhir(caseId: string, withPatient: boolean): Promise<FhirBundle> {
    const { store } = this.#parts;
    const contents = await contentsOf(this.#parts, caseId, withPatient);
    const newest = contents.opinions.at(-1);
    const reportId = (withPatient ? newest?.patientReportId : undefined) ?? newest?.reportId;
    const head = reportId === undefined ? undefined : await store.head(documentKey(reportId));
    const report =
      reportId === undefined || head === undefined
        ? undefined
        : { data: await store.read(documentKey(reportId), 0, head.size) };
    return fhirBundle(contents, {
      document: (id) => ({ url: `/cases/${caseId}/documents/${id}` }),
      report: () => report,
    });
  }

  /**
   * The report of an opinion that was signed elsewhere.
   *
   * @param position from 0, oldest first
   * @throws {ServiceError} `not-found`, `damaged`
   */
  async importedReport(caseId: string, position: number, withPatient: boolean): Promise<Buffer> {
    const { casework, store } = this.#parts;
    const opinion = (await importedOpinions(casework.database, caseId))[position];
    const id = (withPatient ? opinion?.patientReportId : undefined) ?? opinion?.reportId;
    const head = id === undefined ? undefined : await store.head(documentKey(id));
    if (id === undefined || head === undefined)
      throw new ServiceError('not-found', 'the case has no such report');
    const bytes = await store.read(documentKey(id), 0, head.size);
    if (!verifyReport(bytes).isValid)
      throw new ServiceError('damaged', 'the report in the store is not as it was signed; tell the operator');
    return bytes;
  }

  /**
   * Takes a capsule in: first all of it onto the disk, then see {@link importCapsule}.
   *
   * @throws {ServiceError} `too-large`, and as {@link importCapsule}
   */
  async import(body: Readable, importer: Importer): Promise<ImportedCapsule> {
    const { workFolder, maxBytes } = this.#parts;
    const folder = await mkdtemp(join(workFolder, 'capsule-'));
    try {
      const path = join(folder, 'capsule.zip');
      await pipeline(body, countedBody('the capsule', maxBytes), createWriteStream(path));
      await using source = await openFileSource(path, 'the capsule');
      return await importCapsule(this.#parts, importer, source);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** @throws {ServiceError} `conflict` */
function checkArrived({ slides }: CapsuleContents): void {
  const arriving = slides.find(({ state }) => state.kind === 'receiving');
  if (arriving !== undefined)
    throw new ServiceError(
      'conflict',
      `the slide ${titleOf(arriving)} is still being sent: export the case once it has arrived, or without slides`,
    );
}
