import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { AuditTable } from '../db/audit-schema.ts';

/** The row before the first. */
export const genesis: string = '0'.repeat(64);

/** The end of a chain: number and hash of its last row; 0 and {@link genesis} where there is none. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** A row of the audit, but for its own hash. */
export type UnhashedRow = Omit<Selectable<AuditTable>, 'hash'>;

/**
 * What a row's hash must be: SHA-256 over a JSON array of its values in the order of the columns, in UTF-8.
 *
 * The time counts as Unix time in milliseconds; the detail is written with its keys sorted. As the hash of the row
 * before is one of the values, a row cannot be changed, taken out, put in or moved without all rows after it.
 */
export function hashOf(row: UnhashedRow): string {
  const values = [
    row.seq,
    // Of what is no time a number comes out, too, which is none of those a row was made with.
    Number(row.at),
    row.organisation_id,
    row.actor_kind,
    row.actor_id,
    row.actor_organisation_id,
    row.address,
    row.action,
    row.subject_kind,
    row.subject_id,
    row.outcome,
    sorted(row.detail),
    row.previous,
  ];
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

/** The same value with the keys of every object in the order of their code units. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, one]) => [key, sorted(one)]);
}
