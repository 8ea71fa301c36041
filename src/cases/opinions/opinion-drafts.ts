import type { Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import { authorColumns, type Author } from '../author.ts';
import { lockedCase, moveIn, stateWords, type CaseListener } from '../cases.ts';
import { DraftContent, emptyDraft } from './opinion-text.ts';

/** Largest figures of an opinion together, bytes: they all stand in its report. */
const maxFiguresBytes = 40 * 2 ** 20;

/** What somebody is writing about a case. */
export interface OpinionDraft {
  /** 0: nothing is written yet. */
  readonly version: number;
  readonly content: DraftContent;
  /** ISO 8601, UTC. */
  readonly changedAt?: string;
}

/** Drafts of opinions: one for each author and case, seen by nobody else. */
export class OpinionDrafts {
  readonly #database: Database;
  readonly #changed: CaseListener;

  constructor(database: Database, changed: CaseListener) {
    this.#database = database;
    this.#changed = changed;
  }

  /** What its author wrote so far. */
  async get(caseId: string, by: Author): Promise<OpinionDraft> {
    return await this.#database.run((db) => draftIn(db, caseId, by));
  }

  /**
   * Keeps what its author wrote. With the first word a case that was sent is in review.
   *
   * @param version of the draft that was changed
   * @throws {ServiceError} `conflict` when another window has saved meanwhile, or nothing can be written now;
   *   `not-found` for a figure that is none of the author's
   */
  async save(caseId: string, by: Author, version: number, content: DraftContent): Promise<OpinionDraft> {
    const { saved, hasBegun } = await this.#database.transaction(async (db) => {
      const { state } = await lockedCase(db, caseId);
      if (state === 'draft' || state === 'closed')
        throw new ServiceError('conflict', `the case is ${stateWords[state]}: no opinion can be written now`);
      await checkFigures(db, caseId, by, content);
      const there = await draftIn(db, caseId, by);
      if (there.version !== version)
        throw new ServiceError(
          'conflict',
          'the draft was changed in another window meanwhile; look at that one first',
        );
      if (state === 'sent') await moveIn(db, caseId, by, { to: 'in-review', mover: 'consultant' });
      return { saved: await write(db, caseId, by, { version, content }), hasBegun: state === 'sent' };
    });
    if (hasBegun) await this.#changed(caseId, 'in-review');
    return saved;
  }
}

/** What an author wrote so far, within a transaction. */
export async function draftIn(db: Kysely<Schema>, caseId: string, by: Author): Promise<OpinionDraft> {
  const row = await draftsOf(db, caseId, by).selectAll().executeTakeFirst();
  if (row === undefined) return { version: 0, content: emptyDraft };
  return {
    version: row.version,
    content: DraftContent.parse(row.content),
    changedAt: row.changed_at.toISOString(),
  };
}

function draftsOf(db: Kysely<Schema>, caseId: string, { accountId, grantId }: Author) {
  return db
    .selectFrom('opinion_draft')
    .where('case_id', '=', caseId)
    .where((is) => is(is.fn.coalesce('account_id', 'grant_id'), '=', accountId ?? grantId ?? ''));
}

async function write(
  db: Kysely<Schema>,
  caseId: string,
  by: Author,
  { version, content }: { readonly version: number; readonly content: DraftContent },
): Promise<OpinionDraft> {
  const { account_id, grant_id } = authorColumns(by);
  const now = new Date();
  const changed = { content: JSON.stringify(content), version: version + 1, changed_at: now };
  if (version === 0)
    await db
      .insertInto('opinion_draft')
      .values({ id: newId(), case_id: caseId, account_id, grant_id, ...changed })
      .execute();
  else
    await db
      .updateTable('opinion_draft')
      .set(changed)
      .where('id', 'in', draftsOf(db, caseId, by).select('id'))
      .execute();
  return { version: version + 1, content, changedAt: now.toISOString() };
}

/** @throws {ServiceError} `not-found` */
async function checkFigures(
  db: Kysely<Schema>,
  caseId: string,
  { accountId, grantId }: Author,
  { figures }: DraftContent,
): Promise<void> {
  if (figures.length === 0) return;
  const found = await db
    .selectFrom('case_document')
    .select(['id', 'bytes'])
    .where('case_id', '=', caseId)
    .where('kind', '=', 'figure')
    .where(
      'id',
      'in',
      figures.map(({ documentId }) => documentId),
    )
    .where((is) => is(is.fn.coalesce('account_id', 'grant_id'), '=', accountId ?? grantId ?? ''))
    .execute();
  const own = new Set(found.map(({ id }) => id));
  const missing = figures.find(({ documentId }) => !own.has(documentId));
  if (missing !== undefined)
    throw new ServiceError('not-found', `no figure ${missing.documentId} of yours in this case`);
  if (found.reduce((sum, { bytes }) => sum + bytes, 0) > maxFiguresBytes)
    throw new ServiceError(
      'too-large',
      `the figures of an opinion have at most ${maxFiguresBytes / 2 ** 20} MiB together`,
    );
}
