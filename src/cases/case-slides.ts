import type { Kysely } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { canBeViewed, type SlideState } from '../db/catalogue.ts';
import type { Database } from '../db/database.ts';
import { toRecord } from '../db/postgres-catalogue.ts';
import type { Schema } from '../db/schema.ts';
import type { Author } from './author.ts';
import { noteEvent } from './case-events.ts';
import { lockedCase, updated, type CaseListener } from './cases.ts';

/** Most slides of a case. */
export const maxCaseSlides = 200;

/** A slide as it is put into a case. */
export interface SlideInCase {
  readonly id: string;
  readonly block: string;
  readonly stain: string;
}

/** A slide of a case. */
export interface CaseSlide extends SlideInCase {
  /** From 0. */
  readonly position: number;
  /** What the lab called it. */
  readonly name: string;
  readonly state: SlideState;
  /** Of the original; absent when it was not computed. */
  readonly sha256?: string;
}

/** What a slide is called within a case: never its file's name, which may name a patient. */
export function titleOf({ block, stain, position }: Pick<CaseSlide, 'block' | 'stain' | 'position'>): string {
  const title = [block, stain].filter((part) => part.trim() !== '').join(' · ');
  return title === '' ? `Slide ${position + 1}` : title;
}

/** The slides of cases, in their order. */
export class CaseSlides {
  readonly #database: Database;
  readonly #changed: CaseListener;

  constructor(database: Database, changed: CaseListener) {
    this.#database = database;
    this.#changed = changed;
  }

  /** The slides of a case that are there still. */
  async list(caseId: string): Promise<readonly CaseSlide[]> {
    return await this.#database.run((db) => slidesOf(db, caseId));
  }

  /**
   * Puts slides into a case, in an order, in place of those that are there.
   *
   * @throws {ServiceError} `not-found` when one is none of the organisation's; `conflict` when the case is closed
   */
  async set(caseId: string, by: Author, slides: readonly SlideInCase[]): Promise<readonly CaseSlide[]> {
    const now = await this.#database.transaction(async (db) => {
      const { state, organisationId } = await lockedCase(db, caseId);
      if (state === 'closed')
        throw new ServiceError('conflict', 'the case is closed: open it again before you change it');
      await checkOwn(db, organisationId, slides);
      await db.deleteFrom('case_slide').where('case_id', '=', caseId).execute();
      if (slides.length > 0)
        await db
          .insertInto('case_slide')
          .values(
            slides.map(({ id, block, stain }, position) => ({
              case_id: caseId,
              slide_id: id,
              position,
              block,
              stain,
            })),
          )
          .execute();
      await updated(db, caseId, {});
      if (state !== 'draft') await noteEvent(db, caseId, by, { kind: 'slides' });
      return await slidesOf(db, caseId);
    });
    await this.#changed(caseId, 'slides');
    return now;
  }
}

/** The slides of a case within a transaction. */
export async function slidesOf(db: Kysely<Schema>, caseId: string): Promise<readonly CaseSlide[]> {
  const rows = await db
    .selectFrom('case_slide')
    .innerJoin('slide', 'slide.id', 'case_slide.slide_id')
    .selectAll('slide')
    .select(['block', 'stain', 'position'])
    .where('case_id', '=', caseId)
    .where('slide.deleted_at', 'is', null)
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const { id, name, state } = toRecord(row);
    const { block, stain, position, sha256 } = row;
    return { id, name, state, block, stain, position, ...(sha256 !== null && { sha256 }) };
  });
}

/** Whether a slide of a case can be viewed. */
export function isViewable({ state }: CaseSlide): boolean {
  return canBeViewed(state);
}

/** @throws {ServiceError} `not-found`, `invalid` */
async function checkOwn(
  db: Kysely<Schema>,
  organisationId: string,
  slides: readonly SlideInCase[],
): Promise<void> {
  const ids = slides.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw new ServiceError('invalid', 'slides: one stands there twice');
  if (ids.length === 0) return;
  const found = await db
    .selectFrom('slide')
    .select('id')
    .where('id', 'in', ids)
    .where('organisation_id', '=', organisationId)
    .where('deleted_at', 'is', null)
    .execute();
  const own = new Set(found.map(({ id }) => id));
  const missing = ids.find((id) => !own.has(id));
  if (missing !== undefined) throw new ServiceError('not-found', `no slide ${missing} of your organisation`);
}
