import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { sql, type Kysely, type Selectable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { CaseDocumentTable } from '../db/case-schema.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import type { Store } from '../storage/store.ts';
import { authorColumns, isSameAuthor, type Author } from './author.ts';
import { noteEvent } from './case-events.ts';
import { lockedCase, updated, type CaseListener } from './cases.ts';
import { mediaTypeOf } from './media-type.ts';

/** Largest document that is taken, bytes. */
export const maxDocumentBytes = 50 * 2 ** 20;

/** Most documents and figures of a case. */
export const maxCaseDocuments = 500;

/** A document of a case, or a picture captured for an opinion. */
export interface CaseDocument {
  readonly id: string;
  readonly kind: 'document' | 'figure';
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
}

/** A document as it comes in. */
export interface NewDocument {
  readonly name: string;
  readonly kind: CaseDocument['kind'];
}

/** The documents of cases: rows here, bytes in the store at `documents/<id>`. */
export class CaseDocuments {
  readonly #database: Database;
  readonly #store: Store;
  readonly #changed: CaseListener;

  constructor(database: Database, store: Store, changed: CaseListener) {
    this.#database = database;
    this.#store = store;
    this.#changed = changed;
  }

  /** Those that were not removed, oldest first. */
  async list(caseId: string): Promise<readonly CaseDocument[]> {
    return await this.#database.run((db) => documentsOf(db, caseId));
  }

  /**
   * Takes a document in: its bytes are in the store before its row is there.
   *
   * @throws {ServiceError} `too-large`, `unsupported`, `conflict` when the case is closed or has too many
   */
  async add(
    caseId: string,
    by: Author,
    { name, kind }: NewDocument,
    body: Readable | Buffer,
  ): Promise<CaseDocument> {
    const bytes = Buffer.isBuffer(body) ? body : await readAll(body, name);
    const mediaType = mediaTypeOf(bytes);
    if (kind === 'figure' && !mediaType.startsWith('image/'))
      throw new ServiceError('unsupported', 'a figure is a JPEG or PNG picture');
    const id = newId();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#store.put(documentKey(id), bytes, { ifAbsent: true, contentType: mediaType });
    const added = await this.#database.transaction(async (db) => {
      const { state } = await lockedCase(db, caseId);
      if (state === 'closed')
        throw new ServiceError('conflict', 'the case is closed: open it again before you add documents');
      const there = await documentsOf(db, caseId);
      if (there.length >= maxCaseDocuments)
        throw new ServiceError('conflict', `a case has at most ${maxCaseDocuments} documents and figures`);
      const row = await db
        .insertInto('case_document')
        .values({
          id,
          case_id: caseId,
          kind,
          name,
          media_type: mediaType,
          bytes: bytes.length,
          sha256,
          ...authorColumns(by),
          added_at: new Date(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await updated(db, caseId, {});
      if (kind === 'document') await noteEvent(db, caseId, by, { kind: 'document', detail: { name } });
      return toDocument(row);
    });
    await this.#changed(caseId, 'document');
    return added;
  }

  /**
   * One document with its bytes, compared with their hash. A figure is seen by its author only, until it is part of an
   * opinion that was signed; a document that was taken out by the laboratory only.
   *
   * @param reader absent: the service itself
   * @throws {ServiceError} `not-found`, `damaged`
   */
  async read(
    caseId: string,
    id: string,
    reader?: Author & { readonly isOfLaboratory: boolean },
  ): Promise<{ readonly document: CaseDocument; readonly bytes: Buffer }> {
    const row = await this.#database.run((db) =>
      db
        .selectFrom('case_document')
        .selectAll()
        .where('id', '=', id)
        .where('case_id', '=', caseId)
        .executeTakeFirst(),
    );
    if (row === undefined || (reader !== undefined && !(await this.#isSeen(row, reader))))
      throw new ServiceError('not-found', 'the case has no such document');
    const bytes = await this.#store.read(documentKey(id), 0, row.bytes);
    if (createHash('sha256').update(bytes).digest('hex') !== row.sha256)
      throw new ServiceError(
        'damaged',
        'the document is not as it was added (its SHA-256 is wrong); add it again',
      );
    return { document: toDocument(row), bytes };
  }

  async #isSeen(
    row: Selectable<CaseDocumentTable>,
    reader: Author & { readonly isOfLaboratory: boolean },
  ): Promise<boolean> {
    const { id, case_id: caseId, kind, account_id: accountId, grant_id: grantId } = row;
    if (kind === 'document') return row.removed_at === null || reader.isOfLaboratory;
    const author = {
      name: '',
      ...(accountId !== null && { accountId }),
      ...(grantId !== null && { grantId }),
    };
    if (isSameAuthor(author, reader)) return true;
    const signed = await this.#database.run((db) =>
      db
        .selectFrom('opinion')
        .select('id')
        .where('case_id', '=', caseId)
        .where(sql<boolean>`${id} = any(figures)`)
        .executeTakeFirst(),
    );
    return signed !== undefined;
  }

  /**
   * Takes a document out of the case; the laboratory can still read it.
   *
   * @throws {ServiceError} `not-found`
   */
  async remove(caseId: string, id: string, by: Author): Promise<void> {
    await this.#database.transaction(async (db) => {
      await lockedCase(db, caseId);
      const row = await db
        .updateTable('case_document')
        .set({ removed_at: new Date() })
        .where('id', '=', id)
        .where('case_id', '=', caseId)
        .where('removed_at', 'is', null)
        .returning(['name', 'kind'])
        .executeTakeFirst();
      if (row === undefined) throw new ServiceError('not-found', 'the case has no such document');
      await updated(db, caseId, {});
      if (row.kind === 'document')
        await noteEvent(db, caseId, by, { kind: 'document-removed', detail: { name: row.name } });
    });
    await this.#changed(caseId, 'document-removed');
  }
}

/** Where a document's bytes are. */
export function documentKey(id: string): string {
  return `documents/${id}`;
}

/** The documents of a case within a transaction, oldest first. */
export async function documentsOf(db: Kysely<Schema>, caseId: string): Promise<readonly CaseDocument[]> {
  const rows = await db
    .selectFrom('case_document')
    .selectAll()
    .where('case_id', '=', caseId)
    .where('removed_at', 'is', null)
    .orderBy('added_at')
    .orderBy('id')
    .execute();
  return rows.map(toDocument);
}

function toDocument(row: Selectable<CaseDocumentTable>): CaseDocument {
  const { id, kind, name, media_type: mediaType, bytes, sha256, author_name: by, added_at: addedAt } = row;
  return { id, kind, name, mediaType, bytes, sha256, by, addedAt: addedAt.toISOString() };
}

/** @throws {ServiceError} `too-large` */
async function readAll(body: AsyncIterable<Uint8Array>, name: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > maxDocumentBytes)
      throw new ServiceError(
        'too-large',
        `${name}: a document has at most ${maxDocumentBytes / 2 ** 20} MiB`,
      );
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}
