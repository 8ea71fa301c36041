import type { ExpressionBuilder, Selectable } from 'kysely';
import type { AuditTable } from '../db/audit-schema.ts';
import type { Database } from '../db/database.ts';
import { likeAnywhere } from '../db/like.ts';
import type { Schema } from '../db/schema.ts';
import { auditActions, isAuditAction, type AuditAction } from './entry.ts';
import { namesIn, type Names } from './names.ts';

/** What is searched for; all of it must fit. */
export interface AuditSearch {
  /** Rows about this organisation's data, or about what its people did. */
  readonly organisationId: string;
  /** Rows of smaller numbers. */
  readonly before?: number | undefined;
  /** Most rows. */
  readonly limit: number;
  /** Part of an address, an id, a detail, of a name or of the words for what was done; in any letters. */
  readonly text?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Id of the account that did it. */
  readonly account?: string | undefined;
  /** Not before, ISO 8601. */
  readonly from?: string | undefined;
  /** Before, ISO 8601. */
  readonly until?: string | undefined;
}

/** A row of the audit, with names as they are now, which are not in it. */
export interface AuditFound {
  readonly seq: number;
  readonly at: string;
  readonly action: string;
  /** What was done, in words. */
  readonly words: string;
  readonly outcome: string;
  readonly actor: { readonly kind: string; readonly id?: string; readonly name?: string };
  readonly subject?: { readonly kind: string; readonly id?: string; readonly name?: string };
  readonly address?: string;
  readonly detail: Readonly<Record<string, string>>;
  readonly hash: string;
}

/** Rows newest first, and where the next ones begin: the `before` of the next search. */
export interface AuditPage {
  readonly entries: readonly AuditFound[];
  readonly next?: number;
}

type Where = ExpressionBuilder<Schema, 'audit'>;

/** Finds rows of the audit, newest first. */
export async function searchAudit(database: Database, search: AuditSearch): Promise<AuditPage> {
  const { organisationId, limit } = search;
  const fits = (is: Where) => is.and(filtersOf(is, search));
  const rows = await database.run((db) => {
    // Each part has an index in the order of the rows; together they would have none.
    const part = (condition: (is: Where) => ReturnType<typeof fits>) =>
      db
        .selectFrom('audit')
        .select('seq')
        .where(condition)
        .where(fits)
        .orderBy('seq', 'desc')
        .limit(limit + 1);
    const about = part((is) => is.and([is('organisation_id', '=', organisationId)]));
    const by = part((is) => is.and([is('actor_organisation_id', '=', organisationId)]));
    const byNobody = part((is) => is.and(nobodysOf(is, organisationId)));
    return db
      .selectFrom('audit')
      .selectAll()
      .where((is) =>
        is('seq', 'in', () =>
          db
            .selectFrom(about.as('about'))
            .select('seq')
            .unionAll(db.selectFrom(by.as('by')).select('seq'))
            .unionAll(db.selectFrom(byNobody.as('by_nobody')).select('seq')),
        ),
      )
      .orderBy('seq', 'desc')
      .limit(limit + 1)
      .execute();
  });
  const shown = rows.slice(0, limit);
  const names = await namesIn(database, shown, organisationId);
  const last = shown.at(-1);
  return {
    entries: shown.map((row) => toFound(row, names)),
    ...(rows.length > limit && last !== undefined && { next: last.seq }),
  };
}

/** Who had not signed in belongs nowhere: what they tried counts for the organisation whose slide it was. */
function nobodysOf(is: Where, organisationId: string) {
  return [
    is('organisation_id', 'is', null),
    is('actor_organisation_id', 'is', null),
    is.or([
      is.and([
        is('subject_kind', '=', 'slide'),
        is(
          'subject_id',
          'in',
          is.selectFrom('slide').select('id').where('organisation_id', '=', organisationId),
        ),
      ]),
      is.and([
        is('subject_kind', '=', 'case'),
        is(
          'subject_id',
          'in',
          is.selectFrom('clinical_case').select('id').where('organisation_id', '=', organisationId),
        ),
      ]),
      is.and([
        is('subject_kind', '=', 'account'),
        is(
          'subject_id',
          'in',
          is.selectFrom('account').select('id').where('organisation_id', '=', organisationId),
        ),
      ]),
    ]),
  ];
}

function filtersOf(is: Where, { before, text, action, account, from, until, organisationId }: AuditSearch) {
  return [
    ...(before === undefined ? [] : [is('seq', '<', before)]),
    ...(action === undefined ? [] : [is('action', '=', action)]),
    ...(account === undefined ? [] : [is('actor_id', '=', account)]),
    ...(from === undefined ? [] : [is('at', '>=', new Date(from))]),
    ...(until === undefined ? [] : [is('at', '<', new Date(until))]),
    ...(text === undefined ? [] : [containing(is, text, organisationId)]),
  ];
}

/** Rows that have a text anywhere, in themselves or in the names of what they speak of. */
function containing(is: Where, text: string, organisationId: string) {
  const pattern = likeAnywhere(text);
  const lower = text.toLowerCase();
  const actions = Object.entries(auditActions).flatMap(([action, words]) =>
    words.includes(lower) || action.includes(lower) ? [action] : [],
  );
  const accounts = is
    .selectFrom('account')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where((account) => account.or([account('name', 'ilike', pattern), account('email', 'ilike', pattern)]));
  const slides = is
    .selectFrom('slide')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', 'ilike', pattern);
  const cases = is
    .selectFrom('clinical_case')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('accession', 'ilike', pattern);
  return is.or([
    is('address', 'ilike', pattern),
    is('subject_id', 'ilike', pattern),
    is('actor_id', 'ilike', pattern),
    is(is.cast('detail', 'text'), 'ilike', pattern),
    ...(actions.length > 0 ? [is('action', 'in', actions)] : []),
    is('actor_id', 'in', accounts),
    is('subject_id', 'in', accounts),
    is('subject_id', 'in', slides),
    is('subject_id', 'in', cases),
  ]);
}

/** A row with names. */
export function toFound(row: Selectable<AuditTable>, names: Names): AuditFound {
  const { seq, at, action, outcome, address, hash } = row;
  const actorName = names.actor(row);
  const subjectName = names.subject(row);
  return {
    seq,
    at: at.toISOString(),
    action,
    words: isAuditAction(action) ? auditActions[action] : action,
    outcome,
    actor: {
      kind: row.actor_kind,
      ...(row.actor_id !== null && { id: row.actor_id }),
      ...(actorName !== undefined && { name: actorName }),
    },
    ...(row.subject_kind !== null && {
      subject: {
        kind: row.subject_kind,
        ...(row.subject_id !== null && { id: row.subject_id }),
        ...(subjectName !== undefined && { name: subjectName }),
      },
    }),
    ...(address !== null && { address }),
    detail: textsOf(row.detail),
    hash,
  };
}

/** What `appendEntries` writes has texts only; of anything else its JSON is shown. */
function textsOf(detail: unknown): Readonly<Record<string, string>> {
  if (typeof detail !== 'object' || detail === null) return {};
  return Object.fromEntries(
    Object.entries(detail).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
