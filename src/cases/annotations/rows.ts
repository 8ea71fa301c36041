import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { AnnotationTable } from '../../db/annotation-schema.ts';
import type { Annotation, Hand } from './annotation.ts';
import type { Geometry } from './shape.ts';

/** A row of an annotation. */
export type AnnotationRow = Selectable<AnnotationTable>;

/** SQL: whether a row of `annotation` is by `hand`. */
export function isBy(hand: Hand): RawBuilder<boolean> {
  return hand.kind === 'account'
    ? sql`annotation.account_id = ${hand.accountId}`
    : sql`annotation.grant_id = ${hand.grantId}`;
}

/**
 * SQL: whether a row of `annotation` is for the eyes of `hand`.
 *
 * @param caseId of the case in which the slide is looked at; that they may see it was decided before
 */
export function isFor(hand: Hand, caseId: string | undefined): RawBuilder<boolean> {
  if (hand.kind === 'guest')
    return sql`(annotation.visibility = 'case' and annotation.case_id = ${hand.caseId})`;
  return sql`(annotation.account_id = ${hand.accountId}
    or (annotation.visibility = 'organisation' and annotation.organisation_id = ${hand.organisationId})
    or (annotation.visibility = 'case' and annotation.case_id = ${caseId ?? null}))`;
}

/** A row as its reader is told. */
export function toAnnotation(row: AnnotationRow, hand: Hand): Annotation {
  const isMe = hand.kind === 'account' ? row.account_id === hand.accountId : row.grant_id === hand.grantId;
  return {
    id: row.id,
    kind: row.kind,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked before it was written
    geometry: row.geometry as Geometry,
    label: row.label,
    colour: row.colour,
    visibility: row.visibility,
    ...(row.case_id !== null && { caseId: row.case_id }),
    author: { name: row.author_name, isMe },
    version: row.version,
    addedAt: row.added_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
  };
}
