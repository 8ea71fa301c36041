import type { ColumnType, Generated } from 'kysely';

/** Tables of links to slides. */
export interface LinkSchema {
  link_key: LinkKeyTable;
  slide_link: SlideLinkTable;
}

/** A key that signs links. */
export interface LinkKeyTable {
  /** Counted up. */
  number: Generated<number>;
  /** 256 random bits, hexadecimal. */
  secret: string;
  added_at: ColumnType<Date, Date, never>;
}

/** A link that holds. One that was withdrawn has no row; one that has expired loses it some time. */
export interface SlideLinkTable {
  /** 32 hexadecimal digits. */
  id: string;
  slide_id: string;
  /** Account; null where there was none. */
  added_by: string | null;
  added_at: ColumnType<Date, Date, never>;
  expires_at: ColumnType<Date, Date, never>;
}
