import { createHash } from 'node:crypto';
import { ServiceError } from '../../core/errors.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { documentsOf } from '../case-documents.ts';
import { titleOf } from '../case-slides.ts';
import type { OpinionContent } from './signed-opinion.ts';

/** Reads the original of a slide, wherever it lies. @throws {ServiceError} `not-found`, `unavailable` */
export type Originals = (id: SlideId) => Promise<ByteSource>;

/** Slides and documents of a case, each with the SHA-256 of its bytes. */
export type SeenMaterial = Pick<OpinionContent, 'slides' | 'documents'>;

/** Bytes read at a time. */
const step = 4 * 2 ** 20;

/** What lies before who answers: which bytes it is. */
export class Material {
  readonly #database: Database;
  readonly #originals: Originals;
  /** Hashes that are being made, so that each original is read once. */
  readonly #hashing = new Map<SlideId, Promise<string>>();

  constructor(database: Database, originals: Originals) {
    this.#database = database;
    this.#originals = originals;
  }

  /**
   * The material of a case as it is now. Hashes that are missing are made: about 1 s a GiB.
   *
   * @throws {ServiceError} `not-found`, `unavailable`, `damaged` when an original cannot be read
   */
  async of(caseId: string): Promise<SeenMaterial> {
    const [rows, documents] = await this.#database.run(
      async (db) =>
        await Promise.all([
          db
            .selectFrom('case_slide')
            .innerJoin('slide', 'slide.id', 'case_slide.slide_id')
            .leftJoin('original_hash', 'original_hash.slide_id', 'slide.id')
            .select(['slide.id', 'slide.bytes', 'block', 'stain', 'position'])
            .select(['slide.sha256 as uploaded', 'original_hash.sha256 as made'])
            .where('case_id', '=', caseId)
            .where('slide.deleted_at', 'is', null)
            .orderBy('position')
            .execute(),
          documentsOf(db, caseId),
        ]),
    );
    const slides: SeenMaterial['slides'] = [];
    for (const { id, bytes, uploaded, made, ...place } of rows)
      slides.push({ id, title: titleOf(place), sha256: uploaded ?? made ?? (await this.#hashOf(id)), bytes });
    return {
      slides,
      documents: documents
        .filter(({ kind }) => kind === 'document')
        .map(({ id, name, sha256, bytes }) => ({ id, name, sha256, bytes })),
    };
  }

  async #hashOf(id: SlideId): Promise<string> {
    const there = this.#hashing.get(id);
    if (there !== undefined) return await there;
    const made = this.#make(id).finally(() => this.#hashing.delete(id));
    this.#hashing.set(id, made);
    return await made;
  }

  async #make(id: SlideId): Promise<string> {
    const sha256 = await hashOfSource(await this.#originals(id));
    await this.#database.run((db) =>
      db
        .insertInto('original_hash')
        .values({ slide_id: id, sha256 })
        .onConflict((existing) => existing.doNothing())
        .execute(),
    );
    return sha256;
  }
}

/** @throws {ServiceError} `conflict` when the material is not what was listed to who signs */
export function checkListed({ slides, documents }: SeenMaterial, listed: readonly string[]): void {
  const now = [...slides, ...documents].map(({ id }) => id).toSorted();
  if (now.join() !== listed.toSorted().join())
    throw new ServiceError(
      'conflict',
      'the laboratory has added or removed slides or documents meanwhile; look at the case anew before you sign',
    );
}

async function hashOfSource(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < source.size; at += step)
    hash.update(await source.read(at, Math.min(step, source.size - at)));
  return hash.digest('hex');
}
