import type { ColumnType, Generated } from 'kysely';

/** Table of slides as files. */
export interface ExportSchema {
  slide_export: SlideExportTable;
}

/** A slide as a file: being made, or to be fetched until it expires. */
export interface SlideExportTable {
  /** 32 hexadecimal digits. */
  id: string;
  slide_id: string;
  format: 'szi' | 'tiff';
  state: Generated<'waiting' | 'making' | 'ready' | 'failed'>;
  /** 0–1. */
  progress: Generated<number>;
  /** How often a worker began. */
  tries: Generated<number>;
  /** What and what to do, of a failed one only. */
  reason: Generated<string | null>;
  /** Of the file, of a ready one only. */
  bytes: Generated<number | null>;
  /** Account; null where nobody in particular asked. */
  asked_by: string | null;
  asked_at: ColumnType<Date, undefined, never>;
  /** When it is destroyed, of a ready or failed one only. */
  expires_at: Generated<Date | null>;
}
