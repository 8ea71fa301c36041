import type { ColumnType, Generated } from 'kysely';

/** Tables of what people draw on slides. */
export interface AnnotationSchema {
  annotation: AnnotationTable;
}

/** One shape on a slide. A deleted one keeps its row, so that deleting can be undone. */
export interface AnnotationTable {
  /** 32 hexadecimal digits, chosen by who draws. */
  id: string;
  slide_id: string;
  /** Of which case it is a part; null for none. */
  case_id: string | null;
  /** Of the author; null for a guest. */
  organisation_id: string | null;
  /** Author with an account; null for a guest. */
  account_id: string | null;
  /** The link by which a guest came who is the author; null for who has an account. */
  grant_id: string | null;
  author_name: string;
  kind: 'point' | 'arrow' | 'line' | 'rectangle' | 'ellipse' | 'polygon' | 'freehand' | 'text';
  /** GeoJSON geometry, px of slide level 0. */
  geometry: unknown;
  /** How many points the geometry has. */
  vertices: number;
  label: string;
  /** `#rrggbb`. */
  colour: string;
  visibility: 'me' | 'case' | 'organisation';
  /** Counted up by each change. */
  version: Generated<number>;
  added_at: ColumnType<Date, never, never>;
  changed_at: ColumnType<Date, never, Date>;
  /** Null as long as it is there. */
  deleted_at: ColumnType<Date | null, never, Date | null>;
}
