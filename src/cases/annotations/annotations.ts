import { sql } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import type { Annotation, Hand } from './annotation.ts';
import { isFor, toAnnotation, type AnnotationRow } from './rows.ts';

/** Whose annotations on which slide, as they are looked at. */
export interface Looking {
  readonly slideId: string;
  readonly hand: Hand;
  /** The case in which the slide is looked at; that they may see it was decided before. */
  readonly caseId?: string | undefined;
}

/** Some of the annotations on a slide. */
export interface AnnotationPage {
  readonly annotations: readonly Annotation[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** Most annotations of a page, and most points in them, which is some 3 MB of JSON. */
const pageRows = 2000;
const pageVertices = 150_000;

/** What is drawn on slides, as it is read; writing is `write.ts`. Who may is decided before. */
export class Annotations {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that somebody sees, in the order of their ids. @param after id after which the page begins */
  async page({ slideId, hand, caseId }: Looking, after = ''): Promise<AnnotationPage> {
    const rows = await this.#database.run(async (db) => {
      const found = await sql<AnnotationRow>`
        select * from (
          select annotation.*, sum(vertices) over (order by id rows unbounded preceding) - vertices as before
          from annotation
          where slide_id = ${slideId} and id > ${after} and deleted_at is null and ${isFor(hand, caseId)}
          order by id limit ${pageRows + 1}
        ) ordered where before < ${pageVertices} order by id`.execute(db);
      return found.rows;
    });
    // One row more than a page has tells that there is more; so does a page that is full of points.
    const isLast = rows.length <= pageRows && sumOf(rows) < pageVertices;
    const annotations = rows.slice(0, pageRows).map((row) => toAnnotation(row, hand));
    const next = annotations.at(-1)?.id;
    return { annotations, ...(!isLast && next !== undefined && { next }) };
  }

  /** All that somebody sees, fetched as they are asked for. */
  async *all(looking: Looking): AsyncGenerator<Annotation> {
    let page = await this.page(looking);
    for (;;) {
      yield* page.annotations;
      if (page.next === undefined) return;
      page = await this.page(looking, page.next);
    }
  }

  /** Deletes one that somebody sees, whoever drew it. @throws {ServiceError} `not-found` */
  async remove({ slideId, hand, caseId }: Looking, id: string): Promise<void> {
    const gone = await this.#database.run(
      async (db) =>
        await sql`update annotation set deleted_at = now(), changed_at = now(), version = version + 1
          where id = ${id} and slide_id = ${slideId} and deleted_at is null and ${isFor(hand, caseId)}`.execute(
          db,
        ),
    );
    if (gone.numAffectedRows === 0n)
      throw new ServiceError('not-found', 'there is no such annotation on this slide any more');
  }
}

/** Whether a slide is one of a case's. */
export async function hasSlide(database: Database, caseId: string, slideId: string): Promise<boolean> {
  const found = await database.run((db) =>
    db
      .selectFrom('case_slide')
      .select('slide_id')
      .where('case_id', '=', caseId)
      .where('slide_id', '=', slideId)
      .executeTakeFirst(),
  );
  return found !== undefined;
}

function sumOf(rows: readonly { readonly vertices: number }[]): number {
  return rows.reduce((sum, { vertices }) => sum + vertices, 0);
}
