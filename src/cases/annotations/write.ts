import { sql, type Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import type { Annotation, AnnotationDraft } from './annotation.ts';
import type { Looking } from './annotations.ts';
import { isBy, isFor, toAnnotation, type AnnotationRow } from './rows.ts';
import { checkShape, verticesOf } from './shape.ts';

/** Most annotations on one slide. */
export const maxAnnotations = 50_000;

/** One of many changes that are made together. */
export type AnnotationChange =
  /** Adds it (`version` 0), or makes it so, also where it was deleted. */
  | ({ readonly op: 'put'; readonly version: number } & AnnotationDraft)
  | { readonly op: 'delete'; readonly id: string; readonly version: number };

/**
 * What became of a change: `done` · `conflict`: it is at another version, which is `current` (absent: deleted) ·
 * `forbidden`: somebody else's · `absent`: there is none.
 */
export interface ChangeOutcome {
  readonly id: string;
  readonly outcome: 'done' | 'conflict' | 'forbidden' | 'absent';
  /** The version it is at now. */
  readonly version?: number;
  readonly current?: Annotation;
}

/** A slide on which somebody draws. */
export interface Drawing extends Looking {
  /** Of slide level 0, px. */
  readonly size: Size;
}

/**
 * Makes changes to one's own annotations, each by itself: one that cannot be made keeps no other from being made.
 *
 * @returns what became of each, in their order
 * @throws {ServiceError} `invalid` with the first change that is none, `too-large` where there would be too many; then
 *   nothing is changed
 */
export async function writeAnnotations(
  database: Database,
  drawing: Drawing,
  changes: readonly AnnotationChange[],
): Promise<readonly ChangeOutcome[]> {
  const ids = new Set(changes.map(({ id }) => id));
  if (ids.size < changes.length) throw new ServiceError('invalid', 'two changes of the same annotation');
  const puts = changes.flatMap((change) => (change.op === 'put' ? [change] : []));
  puts.forEach((put) => check(put, drawing));
  return await database.transaction(async (db) => {
    const done = new Map<string, number>();
    const note = (rows: readonly Versioned[]) => rows.forEach(({ id, version }) => done.set(id, version));
    note(
      await add(
        db,
        drawing,
        puts.filter(({ version }) => version === 0),
      ),
    );
    note(
      await change(
        db,
        drawing,
        puts.filter(({ version }) => version > 0),
      ),
    );
    note(
      await remove(
        db,
        drawing,
        changes.filter(({ op }) => op === 'delete'),
      ),
    );
    const open = changes.filter(({ id }) => !done.has(id));
    const there = await present(
      db,
      drawing,
      open.map(({ id }) => id),
    );
    return changes.map(({ id }) => outcomeOf(id, done.get(id), there.get(id), drawing));
  });
}

interface Versioned {
  readonly id: string;
  readonly version: number;
}

type Put = Extract<AnnotationChange, { op: 'put' }>;

/** @throws {ServiceError} `invalid` */
function check({ kind, geometry, visibility }: Put, { size, hand, caseId }: Drawing): void {
  checkShape(kind, geometry, size);
  if (hand.kind === 'guest' && visibility !== 'case')
    throw new ServiceError('invalid', 'what guests of a case draw belongs to the case: visibility case');
  if (visibility === 'case' && hand.kind !== 'guest' && caseId === undefined)
    throw new ServiceError('invalid', 'visibility case: say which case');
}

/** The columns that a draft fills, as rows in SQL. */
function rowsOf(puts: readonly Put[]) {
  const lines = puts.map(({ op: _op, ...put }) => ({ ...put, vertices: verticesOf(put.geometry) }));
  return sql`jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as v
    (id text, version int, kind text, geometry jsonb, vertices int, label text, colour text, visibility text)`;
}

async function add(
  db: Kysely<Schema>,
  { slideId, hand, caseId }: Drawing,
  puts: readonly Put[],
): Promise<readonly Versioned[]> {
  if (puts.length === 0) return [];
  const { count } = await db
    .selectFrom('annotation')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('slide_id', '=', slideId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count + puts.length > maxAnnotations)
    throw new ServiceError('too-large', `a slide holds ${maxAnnotations} annotations at most`);
  const [organisation, account, grant, belongsTo] =
    hand.kind === 'account'
      ? [hand.organisationId, hand.accountId, null, caseId ?? null]
      : [null, null, hand.grantId, hand.caseId];
  const { rows } = await sql<Versioned>`
    insert into annotation (id, slide_id, case_id, organisation_id, account_id, grant_id, author_name,
      kind, geometry, vertices, label, colour, visibility)
    select v.id, ${slideId}, ${belongsTo}, ${organisation}, ${account}, ${grant}, ${hand.name},
      v.kind, v.geometry, v.vertices, v.label, v.colour, v.visibility from ${rowsOf(puts)}
    on conflict (id) do nothing returning id, version`.execute(db);
  return rows;
}

async function change(
  db: Kysely<Schema>,
  { slideId, hand, caseId }: Drawing,
  puts: readonly Put[],
): Promise<readonly Versioned[]> {
  if (puts.length === 0) return [];
  const { rows } = await sql<Versioned>`
    update annotation set kind = v.kind, geometry = v.geometry, vertices = v.vertices, label = v.label,
      colour = v.colour, visibility = v.visibility, case_id = coalesce(annotation.case_id, ${caseId ?? null}),
      version = annotation.version + 1, changed_at = now(), deleted_at = null
    from ${rowsOf(puts)}
    where annotation.id = v.id and annotation.version = v.version and slide_id = ${slideId} and ${isBy(hand)}
    returning annotation.id, annotation.version`.execute(db);
  return rows;
}

async function remove(
  db: Kysely<Schema>,
  { slideId, hand }: Drawing,
  changes: readonly Versioned[],
): Promise<readonly Versioned[]> {
  if (changes.length === 0) return [];
  const lines = JSON.stringify(changes.map(({ id, version }) => ({ id, version })));
  const { rows } = await sql<Versioned>`
    update annotation set deleted_at = coalesce(deleted_at, now()), changed_at = now(),
      version = annotation.version + 1
    from jsonb_to_recordset(${lines}::jsonb) as v (id text, version int)
    where annotation.id = v.id and annotation.version = v.version and slide_id = ${slideId} and ${isBy(hand)}
    returning annotation.id, annotation.version`.execute(db);
  return rows;
}

/** What is there of the ids that could not be changed, as far as the writer may know. */
async function present(
  db: Kysely<Schema>,
  { slideId, hand, caseId }: Drawing,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AnnotationRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<AnnotationRow>`
    select * from annotation where slide_id = ${slideId} and id = any(${ids})
      and (${isBy(hand)} or (deleted_at is null and ${isFor(hand, caseId)}))`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

function outcomeOf(
  id: string,
  version: number | undefined,
  row: AnnotationRow | undefined,
  { hand }: Drawing,
): ChangeOutcome {
  if (version !== undefined) return { id, outcome: 'done', version };
  if (row === undefined) return { id, outcome: 'absent' };
  const current = toAnnotation(row, hand);
  if (!current.author.isMe) return { id, outcome: 'forbidden' };
  return { id, outcome: 'conflict', version: row.version, ...(row.deleted_at === null && { current }) };
}
