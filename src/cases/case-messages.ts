import { z } from 'zod';
import { idPattern, newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import { authorColumns, type Author } from './author.ts';
import { caseIn } from './cases.ts';
import type { CaseListener } from './cases.ts';

/** Longest message, characters. */
export const maxMessageLength = 10_000;

/** A place on a slide that a message points to: centre and zoom as in a link to the viewer. */
export const Mark = z.strictObject({
  slideId: z.string().regex(idPattern).describe('A slide of the case.'),
  x: z.number().min(-1e7).max(1e7).describe('Centre, px of slide level 0.'),
  y: z.number().min(-1e7).max(1e7),
  zoom: z.number().positive().max(1e6).describe('CSS px per px of slide level 0.'),
  degrees: z.number().min(0).lt(360).describe('Clockwise.'),
  plane: z.int().min(0).max(99).optional().describe('Number of the focal plane, where there are several.'),
  annotationId: z.string().regex(idPattern).optional().describe('An annotation it is about.'),
});

/** A place on a slide that a message points to. */
export type Mark = z.infer<typeof Mark>;

/** Something said about a case. */
export interface CaseMessage {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  /** Whether who asks wrote it. */
  readonly isOwn: boolean;
  readonly text: string;
  readonly mark?: Mark;
}

/** What is said about cases. Nothing said is changed or taken back: it may have been read. */
export class CaseMessages {
  readonly #database: Database;
  readonly #changed: (caseId: string) => Promise<void>;

  constructor(database: Database, changed: CaseListener) {
    this.#database = database;
    this.#changed = (caseId) => changed(caseId, 'changed');
  }

  /** All messages, oldest first. @param reader whose own are marked as such */
  async list(caseId: string, reader: Author): Promise<readonly CaseMessage[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('case_message')
        .selectAll()
        .where('case_id', '=', caseId)
        .orderBy('at')
        .orderBy('id')
        .execute(),
    );
    return rows.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      by: row.author_name,
      isOwn:
        row.account_id === null
          ? row.grant_id !== null && row.grant_id === reader.grantId
          : row.account_id === reader.accountId,
      text: row.text,
      ...(row.mark !== null && { mark: Mark.parse(row.mark) }),
    }));
  }

  /** Says something. @returns its id @throws {ServiceError} `not-found` */
  async add(
    caseId: string,
    by: Author,
    { text, mark }: { readonly text: string; readonly mark?: Mark | undefined },
  ): Promise<CaseMessage> {
    const [id, at] = [newId(), new Date()];
    await this.#database.transaction(async (db) => {
      await caseIn(db, caseId);
      await db
        .insertInto('case_message')
        .values({
          id,
          case_id: caseId,
          ...authorColumns(by),
          at,
          text,
          mark: mark === undefined ? null : JSON.stringify(mark),
        })
        .execute();
    });
    await this.#changed(caseId);
    return {
      id,
      at: at.toISOString(),
      by: by.name,
      isOwn: true,
      text,
      ...(mark !== undefined && { mark }),
    };
  }
}
