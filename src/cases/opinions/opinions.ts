import type { Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import type { Store } from '../../storage/store.ts';
import type { Author } from '../author.ts';
import { documentKey } from '../case-documents.ts';
import type { CaseEventKind } from '../case-events.ts';
import type { CaseRecord } from '../case-record.ts';
import { lockedCase, moveIn, type CaseListener } from '../cases.ts';
import { checkListed, type Material } from './material.ts';
import { checkSignable, contentOf, type Signing, type Wanted } from './opinion-content.ts';
import {
  inChain,
  newestOf,
  opinionsWithKeys,
  signedAlready,
  toOpinion,
  type KeyedOpinionRow,
  type Opinion,
} from './opinion-rows.ts';
import type { ReportExtras } from './report.ts';
import { sealReport } from './report-seal.ts';
import {
  canonicalText,
  sha256Of,
  signatureOf,
  type OpinionContent,
  type SignedOpinion,
} from './signed-opinion.ts';
import { signingKeyIn, SigningKeys, type SigningKey } from './signing-keys.ts';

/** What opinions stand on. */
export interface OpinionsParts {
  readonly database: Database;
  readonly store: Store;
  readonly material: Material;
  readonly changed: CaseListener;
}

/** Signed second opinions. None is ever changed or deleted: an amendment is a new version. */
export class Opinions {
  readonly keys: SigningKeys;
  readonly #parts: OpinionsParts;
  /** One signs at a time of each case in this process; of others the case's row keeps them apart. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(parts: OpinionsParts) {
    this.#parts = parts;
    this.keys = new SigningKeys(parts.database);
  }

  /** The opinions of a case, newest first. */
  async list(caseId: string): Promise<readonly Opinion[]> {
    const rows = await this.#parts.database.run((db) =>
      opinionsWithKeys(db).where('case_id', '=', caseId).orderBy('opinion.version', 'desc').execute(),
    );
    return inChain(rows.map(toOpinion));
  }

  /** The opinion that a code on a report names; undefined when there is none. */
  async byCode(code: string): Promise<(Opinion & { readonly isNewest: boolean }) | undefined> {
    return await this.#parts.database.run(async (db) => {
      const row = await opinionsWithKeys(db).where('code', '=', code).executeTakeFirst();
      if (row === undefined) return undefined;
      return { ...toOpinion(row), isNewest: (await newestOf(db, row.case_id))?.id === row.id };
    });
  }

  /**
   * Signs a draft: one opinion comes of it, however often and by however many it is asked for.
   *
   * @param prove makes sure once more that it is they who sign; not asked for what was signed already
   * @throws {ServiceError} `conflict` when the draft, the material or the opinion before is another than they know,
   *   or nothing can be signed now; `invalid` when it lacks something; and whatever `prove` throws
   */
  async sign(caseId: string, by: Author, signing: Signing, prove: () => Promise<void>): Promise<Opinion> {
    return await this.#inTurn(caseId, async () => {
      const there = await this.#parts.database.run((db) => signedAlready(db, caseId, by, signing));
      if (there !== undefined) return toOpinion(there);
      await prove();
      const seen = await this.#parts.material.of(caseId);
      checkListed(seen, signing.material);
      let kind: CaseEventKind | undefined;
      const row = await this.#parts.database.transaction(async (db) => {
        const made = await this.#signIn(db, { caseId, by, signing, seen });
        kind = made.kind;
        return made.row;
      });
      if (kind !== undefined) await this.#parts.changed(caseId, kind);
      return toOpinion(row);
    });
  }

  /** The report of an opinion: its bytes. @param withPatient for who may know @throws {ServiceError} `not-found`, `damaged` */
  async report(
    caseId: string,
    id: string,
    withPatient: boolean,
  ): Promise<{ readonly bytes: Buffer; readonly version: number }> {
    const row = await this.#parts.database.run((db) =>
      db
        .selectFrom('opinion')
        .selectAll()
        .where('id', '=', id)
        .where('case_id', '=', caseId)
        .executeTakeFirst(),
    );
    if (row === undefined) throw new ServiceError('not-found', 'the case has no such opinion');
    const key = documentKey((withPatient ? row.patient_report_id : null) ?? row.report_id);
    const sha256 = (withPatient ? row.patient_report_sha256 : null) ?? row.report_sha256;
    const head = await this.#parts.store.head(key);
    const bytes = head && (await this.#parts.store.read(key, 0, head.size));
    if (bytes === undefined || sha256Of(bytes) !== sha256)
      throw new ServiceError('damaged', 'the report in the store is not as it was signed; tell the operator');
    return { bytes, version: row.version };
  }

  async #inTurn<T>(caseId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(caseId) ?? Promise.resolve();
    // Whether the one before worked is told to who asked for it.
    const turn = before.then(work, work);
    this.#turns.set(caseId, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(caseId) === turn) this.#turns.delete(caseId);
    }
  }

  async #signIn(db: Kysely<Schema>, wanted: Wanted): Promise<{ row: KeyedOpinionRow; kind?: CaseEventKind }> {
    const { caseId, by, signing } = wanted;
    const record = await lockedCase(db, caseId);
    const there = await signedAlready(db, caseId, by, signing);
    if (there !== undefined) return { row: there };
    const { previous, draft } = await checkSignable(db, record, wanted);
    const key = await signingKeyIn(db);
    const content = await contentOf(db, { ...wanted, record, previous, draft, key });
    const text = canonicalText(content);
    const signed = { content, publicKey: key.publicKey, signature: signatureOf(text, key.privateKey) };
    const { reason } = signing;
    const move = { to: 'answered', mover: 'opinion', ...(reason !== undefined && { reason }) } as const;
    const { kind } = await moveIn(db, caseId, by, move);
    const reports = await this.#reports(signed, record, signing.verifyAt, key);
    const values = {
      id: content.id,
      case_id: caseId,
      version: content.version,
      previous_id: previous?.id ?? null,
      account_id: by.accountId ?? null,
      grant_id: by.grantId ?? null,
      author_name: content.author.name,
      draft_version: signing.draftVersion,
      signed_at: new Date(content.signedAt),
      code: content.code,
      content: text,
      sha256: sha256Of(text),
      key_id: key.id,
      signature: signed.signature,
      figures: content.figures.map(({ id }) => id),
      ...reports,
    };
    await db.insertInto('opinion').values(values).execute();
    return { row: { ...values, public_key: key.publicKey }, kind };
  }

  /** Makes the reports and puts them into the store: one without the patient, and one with, where the case names one. */
  async #reports(signed: SignedOpinion, record: CaseRecord, verifyAt: string, key: SigningKey) {
    const { specimen, priorDiagnosis, patient } = record;
    const pictures = await this.#pictures(signed.content);
    // Loaded when the first opinion is signed: what writes PDF takes a sixth of a process's start.
    const { makeReport } = await import('./report.ts');
    const keep = async (extras: ReportExtras) => {
      const { pdf, envelope } = await makeReport(signed, extras);
      const bytes = sealReport(pdf, envelope, key);
      const id = newId();
      await this.#parts.store.put(documentKey(id), bytes, { ifAbsent: true, contentType: 'application/pdf' });
      return { id, sha256: sha256Of(bytes) };
    };
    const extras = { specimen, priorDiagnosis, pictures, verifyAt };
    const plain = await keep(extras);
    const hasPatient = patient.name !== '' || patient.number !== '' || patient.born !== undefined;
    const full = hasPatient ? await keep({ ...extras, patient }) : undefined;
    return {
      report_id: plain.id,
      report_sha256: plain.sha256,
      patient_report_id: full?.id ?? null,
      patient_report_sha256: full?.sha256 ?? null,
    };
  }

  /** The figures' pictures, compared with their hashes. @throws {ServiceError} `damaged` */
  async #pictures({ figures }: OpinionContent): Promise<ReadonlyMap<string, Buffer>> {
    const pictures = new Map<string, Buffer>();
    for (const { id, bytes, sha256 } of figures) {
      const picture = await this.#parts.store.read(documentKey(id), 0, bytes);
      if (sha256Of(picture) !== sha256)
        throw new ServiceError(
          'damaged',
          'a figure is not as it was captured; remove it and capture it again',
        );
      pictures.set(id, picture);
    }
    return pictures;
  }
}
