import type { ColumnType, Generated } from 'kysely';
import type { AccountSchema } from './account-schema.ts';
import type { AnnotationSchema } from './annotation-schema.ts';
import type { AuditSchema } from './audit-schema.ts';
import type { CapsuleSchema } from './capsule-schema.ts';
import type { CaseSchema } from './case-schema.ts';
import type { SlideFacts } from './catalogue.ts';
import type { CoverageSchema } from './coverage-schema.ts';
import type { ExportSchema } from './export-schema.ts';
import type { ImportSchema } from './import-schema.ts';
import type { MailSchema } from './mail-schema.ts';
import type { OpinionSchema } from './opinion-schema.ts';
import type { OperationSchema } from './operation-schema.ts';
import type { RetentionSchema, SlideRetention } from './retention-schema.ts';
import type { UploadSchema } from './upload-schema.ts';
import type { LinkSchema } from './link-schema.ts';

/**
 * The tables, as the newest migration leaves them.
 *
 * `bigint` columns are read as numbers, times as `Date`.
 */
export interface Schema
  extends
    AccountSchema,
    AnnotationSchema,
    AuditSchema,
    CapsuleSchema,
    CaseSchema,
    CoverageSchema,
    ExportSchema,
    ImportSchema,
    LinkSchema,
    MailSchema,
    OperationSchema,
    OpinionSchema,
    RetentionSchema,
    UploadSchema {
  organisation: OrganisationTable;
  slide: SlideTable;
  slide_share: SlideShareTable;
}

/** A laboratory, hospital or practice: the wall between who may see what. */
export interface OrganisationTable {
  /** 32 hexadecimal digits. */
  id: string;
  name: string;
  added_at: ColumnType<Date, string | undefined, never>;
  /** Whether it holds nothing but what is there to try the service with. */
  is_demo: Generated<boolean>;
}

/** Another organisation that may view a slide. */
export interface SlideShareTable {
  slide_id: string;
  organisation_id: string;
  added_at: ColumnType<Date, string | undefined, never>;
}

/** One slide. A removed one keeps its row, so that its id is never used again and old records can't bring it back. */
export interface SlideTable extends SlideRetention {
  /** 32 hexadecimal digits. */
  id: string;
  /** To which it belongs. */
  organisation_id: string;
  name: string;
  state: 'receiving' | 'checking' | 'converting' | 'viewable' | 'complete' | 'failed';
  /** 0–1, of a slide that is being received or converted only. */
  progress: number | null;
  /** Whether what has arrived can be viewed, of a slide that is being received only. */
  is_viewable: Generated<boolean | null>;
  /** Whether its case is urgent. */
  is_urgent: Generated<boolean>;
  /** What and what to do, of a failed slide only. */
  reason: string | null;
  added_at: ColumnType<Date, string, string>;
  /** Of the original. */
  bytes: number;
  /** What lists tell of it; null as long as there is no tile index. Written as JSON. */
  facts: ColumnType<SlideFacts | null, string | null | undefined, string | null>;
  /** Of the original, hexadecimal; null when it was never computed. */
  sha256: Generated<string | null>;
  /** Null as long as the slide is there. */
  deleted_at: ColumnType<Date | null, undefined, Date | null>;
}
