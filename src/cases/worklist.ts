import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { Person } from '../auth/principal.ts';
import { may } from '../auth/policy.ts';
import { ServiceError } from '../core/errors.ts';
import type { CaseState } from '../db/case-schema.ts';
import type { Database } from '../db/database.ts';
import { likeAnywhere } from '../db/like.ts';

/** Which cases a list holds: those somebody is asked about, those of their laboratory, or both. */
export const boxes = ['all', 'asked', 'lab'] as const;

/** In which order a list is. */
export const orders = ['newest', 'urgent', 'due', 'accession'] as const;

/** What is looked for in a list of cases. */
export interface WorklistQuery {
  readonly box: (typeof boxes)[number];
  readonly order: (typeof orders)[number];
  readonly states?: readonly CaseState[] | undefined;
  readonly urgent?: boolean | undefined;
  /** Whether the day by which the answer is needed is over, and there is none. */
  readonly overdue?: boolean | undefined;
  /** Words of the case, or parts of its numbers. */
  readonly text?: string | undefined;
  /** Where the page before ended. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One case of a list. Times: ISO 8601, UTC. */
export interface WorklistCase {
  readonly id: string;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly state: CaseState;
  readonly accession: string;
  readonly pseudonym: string;
  /** Only for who may know the patient. */
  readonly patientName?: string;
  readonly specimen: string;
  readonly question: string;
  readonly isUrgent: boolean;
  readonly isOverdue: boolean;
  readonly dueOn?: string;
  readonly changedAt: string;
  readonly sentAt?: string;
  readonly answeredAt?: string;
  /** Whether it was asked of who asks, or of their organisation. */
  readonly isAsked: boolean;
  /** Messages of others since they last looked. */
  readonly unread: number;
  /** The first few, in their order. */
  readonly slides: readonly string[];
  readonly slideCount: number;
}

/** A page of a list. */
export interface Worklist {
  readonly cases: readonly WorklistCase[];
  /** `after` of the next page; absent when there is none. */
  readonly next?: string;
}

/** How many cases wait, for the names of the lists. */
export interface WorklistCounts {
  /** Asked of who asks, and not answered. */
  readonly asked: number;
  /** Of their laboratory, and not closed. */
  readonly lab: number;
  readonly urgent: number;
  readonly overdue: number;
}

interface Row {
  readonly id: string;
  readonly organisation_id: string;
  readonly organisation_name: string;
  readonly state: CaseState;
  readonly accession: string;
  readonly pseudonym: string;
  readonly patient_name: string;
  readonly specimen: string;
  readonly question: string;
  readonly is_urgent: boolean;
  readonly is_overdue: boolean;
  readonly due_on: string | null;
  readonly changed_at: Date;
  readonly sent_at: Date | null;
  readonly answered_at: Date | null;
  readonly is_asked: boolean;
  readonly sees_patient: boolean;
  readonly unread: number;
  readonly slides: string[];
  readonly slide_count: number;
  readonly place: unknown[];
}

const isOpenGrant = sql`g.revoked_at is null and (g.expires_at is null or g.expires_at > now())`;
const isOverdue = sql`(c.due_on is not null and c.due_on < current_date and c.state in ('sent', 'in-review'))`;

/** Cases that somebody may see, a page of them; thousands cost some milliseconds. */
export async function worklist(database: Database, who: Person, query: WorklistQuery): Promise<Worklist> {
  const { limit } = query;
  const rank = ranks[query.order];
  const { rows } = await database.run((db) =>
    sql<Row>`
      with seen as (${seenBy(who, query)}),
      page as (
        select c.*, seen.is_asked, seen.sees_patient, array[${sql.join(rank.map((one) => sql`(${one})::text`))}] as place
        from seen join clinical_case c on c.id = seen.id
        where ${sql.join(conditionsOf(query, rank), sql` and `)}
        order by ${sql.join([...rank, sql`c.id`])} limit ${limit + 1}
      )
      select c.id, c.organisation_id, o.name as organisation_name, c.state, c.accession, c.pseudonym,
        c.patient_name, c.specimen, c.question, c.is_urgent, ${isOverdue} as is_overdue, c.due_on, c.changed_at,
        c.sent_at, c.answered_at, c.is_asked, c.sees_patient, c.place,
        (select count(*) from case_message m
          where m.case_id = c.id and m.account_id is distinct from ${who.accountId} and m.at > coalesce(
            (select seen_at from case_seen where case_id = c.id and account_id = ${who.accountId}), '-infinity')) as unread,
        array(select slide_id from case_slide s where s.case_id = c.id order by position limit 4) as slides,
        (select count(*) from case_slide s where s.case_id = c.id) as slide_count
      from page c join organisation o on o.id = c.organisation_id
      order by ${sql.join([...rank, sql`c.id`])}`.execute(db),
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    cases: shown.map(toListed),
    ...(rows.length > limit && last !== undefined && { next: placeText([...last.place, last.id]) }),
  };
}

/** How many cases wait for somebody. */
export async function worklistCounts(database: Database, who: Person): Promise<WorklistCounts> {
  const { rows } = await database.run((db) =>
    sql<WorklistCounts>`
      with seen as (${seenBy(who, { box: 'all' })})
      select
        count(*) filter (where seen.is_asked and c.state in ('sent', 'in-review')) as asked,
        count(*) filter (where c.organisation_id = ${who.organisationId} and c.state <> 'closed') as lab,
        count(*) filter (where c.is_urgent and c.state in ('sent', 'in-review')) as urgent,
        count(*) filter (where ${isOverdue}) as overdue
      from seen join clinical_case c on c.id = seen.id`.execute(db),
  );
  return rows[0] ?? { asked: 0, lab: 0, urgent: 0, overdue: 0 };
}

/** Notes that somebody has looked at a case: what was said before is read. */
export async function noteSeen(database: Database, caseId: string, { accountId }: Person): Promise<void> {
  await database.run((db) =>
    db
      .insertInto('case_seen')
      .values({ case_id: caseId, account_id: accountId, seen_at: new Date() })
      .onConflict((there) => there.columns(['case_id', 'account_id']).doUpdateSet({ seen_at: new Date() }))
      .execute(),
  );
}

/** Ids of the cases that somebody may see, with why. Drafts are seen by their laboratory only. */
function seenBy(who: Person, { box }: Pick<WorklistQuery, 'box'>): RawBuilder<unknown> {
  const { accountId, organisationId } = who;
  const isPathologist = may(who, 'case.answer');
  const ofPerson = sql`g.account_id = ${accountId}`;
  const asked = sql`
    select g.case_id as id, true as is_asked, bool_or(g.shows_patient) as sees_patient
    from case_grant g join clinical_case on clinical_case.id = g.case_id
    where clinical_case.state <> 'draft' and ${isOpenGrant}
      and (${ofPerson} or g.organisation_id = ${organisationId})
    group by g.case_id`;
  const own = sql`
    select id, false as is_asked, true as sees_patient from clinical_case
    where organisation_id = ${organisationId} and discarded_at is null`;
  if (box === 'asked') return asked;
  if (box === 'lab') return own;
  return sql`
    select id, bool_or(is_asked) and ${isPathologist} as is_asked, bool_or(sees_patient) as sees_patient
    from (${asked} union all ${own}) as both_kinds group by id`;
}

const byDay = sql`coalesce(c.due_on::text, 'never')`;
const byAge = sql`-extract(epoch from c.changed_at)`;

/** What a list is ordered by, least first. */
const ranks: Readonly<Record<WorklistQuery['order'], readonly RawBuilder<unknown>[]>> = {
  newest: [byAge],
  urgent: [sql`(not c.is_urgent)::int`, byDay, byAge],
  due: [byDay, byAge],
  accession: [sql`c.accession`, byAge],
};

/** How each part of a place is compared. */
const rankTypes: Readonly<Record<WorklistQuery['order'], readonly RawBuilder<unknown>[]>> = {
  newest: [sql`numeric`],
  urgent: [sql`int`, sql`text`, sql`numeric`],
  due: [sql`text`, sql`numeric`],
  accession: [sql`text`, sql`numeric`],
};

function conditionsOf(query: WorklistQuery, rank: readonly RawBuilder<unknown>[]): RawBuilder<unknown>[] {
  const { states, urgent, overdue, text, after, order } = query;
  return [
    sql`true`,
    ...(states === undefined ? [] : [sql`c.state = any(${[...states]})`]),
    ...(urgent === true ? [sql`c.is_urgent`] : []),
    ...(overdue === true ? [isOverdue] : []),
    ...(text === undefined || text.trim() === '' ? [] : [containing(text)]),
    ...(after === undefined ? [] : [beyond(after, order, rank)]),
  ];
}

/** Cases that have all the words, or a number that has the text in it. The patient only where they may be known. */
function containing(text: string): RawBuilder<unknown> {
  const words = (text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 20);
  const query = words.map((word) => `'${word}':*`).join(' & ');
  const pattern = likeAnywhere(text.trim());
  const found = sql`to_tsquery('simple', ${query})`;
  return sql`(
    ${words.length > 0 ? sql`c.words @@ ${found} or (seen.sees_patient and c.patient_words @@ ${found})` : sql`false`}
    or c.accession ilike ${pattern} or c.pseudonym ilike ${pattern}
    or (seen.sees_patient and c.patient_number ilike ${pattern}))`;
}

/** Cases after the last of the page before. @throws {ServiceError} `invalid` */
function beyond(
  after: string,
  order: WorklistQuery['order'],
  rank: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const types = rankTypes[order];
  const place = placeOf(after);
  const id = place.at(-1);
  if (place.length !== types.length + 1 || id === undefined)
    throw new ServiceError('invalid', 'after: is not where a page of this list ended');
  const values = types.map((type, i) => sql`${place[i]}::${type}`);
  return sql`(${sql.join([...rank, sql`c.id`])}) > (${sql.join([...values, sql`${id}`])})`;
}

function placeText(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const Place = z.array(z.string().max(200)).max(5);

/** @throws {ServiceError} `invalid` */
function placeOf(text: string): readonly string[] {
  try {
    return Place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch (cause) {
    throw new ServiceError('invalid', 'after: is not where a page of a list ended', { cause });
  }
}

function toListed(row: Row): WorklistCase {
  const { id, state, accession, pseudonym, specimen, question, unread, slides } = row;
  return {
    id,
    organisation: { id: row.organisation_id, name: row.organisation_name },
    state,
    accession,
    pseudonym,
    ...(row.sees_patient && row.patient_name !== '' && { patientName: row.patient_name }),
    specimen,
    question,
    isUrgent: row.is_urgent,
    isOverdue: row.is_overdue,
    ...(row.due_on !== null && { dueOn: row.due_on }),
    changedAt: row.changed_at.toISOString(),
    ...(row.sent_at !== null && { sentAt: row.sent_at.toISOString() }),
    ...(row.answered_at !== null && { answeredAt: row.answered_at.toISOString() }),
    isAsked: row.is_asked,
    unread,
    slides,
    slideCount: row.slide_count,
  };
}
