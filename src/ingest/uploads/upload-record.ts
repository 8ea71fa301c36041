import { sql, type Kysely, type Selectable } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import type { UploadedFile, UploadTable } from '../../db/upload-schema.ts';
import type { SpooledUpload } from '../../storage/upload-spool.ts';

/** A range of an upload that is sent from its beginning to its end. */
export interface UploadSpan {
  /** 32 hexadecimal digits; the upload itself has another id. */
  readonly id: string;
  readonly start: number;
  readonly length: number;
  /** Durable bytes from its start on. */
  readonly received: number;
}

/** A file on its way in. */
export interface Upload extends SpooledUpload {
  readonly organisationId: string;
  /** Who sends it; absent where there are no accounts. */
  readonly accountId: string | undefined;
  /** What the sender calls it. */
  readonly name: string;
  readonly state: UploadTable['state'];
  /** Of the whole file, hexadecimal, as the sender says. */
  readonly expectedSha256: string | undefined;
  /** What it holds, one behind the other; absent for one file. */
  readonly files: readonly UploadedFile[] | undefined;
  readonly spans: readonly UploadSpan[];
  readonly multipartId: string | undefined;
  readonly duplicateOf: string | undefined;
  /** Why no slide could be made of it. */
  readonly reason?: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** An upload as {@link selectUploads} gives it. */
export type UploadRow = Selectable<UploadTable> & {
  readonly name: string;
  readonly reason: string | null;
  readonly spans: readonly UploadSpan[];
  readonly pieces: SpooledUpload['pieces'];
};

/** Uploads whose slides are there, or were dropped for another that is the same; with their spans and pieces. */
export function selectUploads(db: Kysely<Schema>) {
  return db
    .selectFrom('upload')
    .innerJoin('slide', 'slide.id', 'upload.id')
    .where((is) => is.or([is('slide.deleted_at', 'is', null), is('upload.duplicate_of', 'is not', null)]))
    .selectAll('upload')
    .select([
      'slide.name',
      'slide.reason',
      sql<
        readonly UploadSpan[]
      >`(select json_agg(json_build_object('id', id, 'start', start, 'length', length,
        'received', received) order by start) from upload_span where upload_id = upload.id)`.as('spans'),
      sql<
        SpooledUpload['pieces']
      >`(select coalesce(json_agg(json_build_object('start', start, 'length', length,
        'piece', name) order by start), '[]') from upload_piece where upload_id = upload.id)`.as('pieces'),
    ]);
}

/** A row as an upload. */
export function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    size: row.bytes,
    received: row.received,
    pieces: row.pieces,
    organisationId: row.organisation_id,
    accountId: row.account_id ?? undefined,
    name: row.name,
    state: row.state,
    expectedSha256: row.expected_sha256 ?? undefined,
    files: row.files ?? undefined,
    spans: row.spans,
    multipartId: row.multipart_id ?? undefined,
    duplicateOf: row.duplicate_of ?? undefined,
    reason: row.reason ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
