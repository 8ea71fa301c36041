import { sql, type Kysely, type RawBuilder } from 'kysely';
import { noPlace, type SlideFilter } from './catalogue.ts';
import { likeAnywhere } from './like.ts';
import type { Schema } from './schema.ts';

/** Where a slide stands among all, newest first. */
interface Place {
  readonly addedAt: Date;
  readonly id: string;
}

/**
 * Selects the ids of the slides that a filter names, of a list that is read newest first.
 *
 * Own slides and shared ones are looked for apart: each is read in the order of its index and ends at the limit, so
 * that a page costs the same among a hundred slides and a hundred thousand.
 *
 * @throws {ServiceError} `not-found`: {@link noPlace}
 */
export async function listedIds(db: Kysely<Schema>, filter: SlideFilter): Promise<RawBuilder<unknown>> {
  const { from, limit } = filter;
  if (from === undefined) return older(filter, limit);
  const place = await placeOf(db, filter, from.id);
  if (from.side === 'after') return older(filter, limit, onFrom(place, sql`>`));
  const before = limit === undefined ? undefined : Math.floor((limit - 1) / 2);
  const rest = limit === undefined || before === undefined ? undefined : limit - before;
  return sql`(${newer(filter, place, before)}) union all (${older(filter, rest, onFrom(place, sql`>=`))})`;
}

/** @throws {ServiceError} `not-found`: also of a slide out of reach. One that was deleted keeps its place. */
async function placeOf(db: Kysely<Schema>, filter: SlideFilter, id: string): Promise<Place> {
  const { rows } = await sql<{ added_at: Date }>`
    select slide.added_at from (${reach(filter)}) as slide where slide.id = ${id} limit 1`.execute(db);
  const [found] = rows;
  if (found === undefined) throw noPlace(id);
  return { addedAt: found.added_at, id };
}

/** Ids from the newest on. */
function older(filter: SlideFilter, limit: number | undefined, where = sql`true`): RawBuilder<unknown> {
  return ordered(filter, limit, { where, order: sql`added_at desc, id` });
}

/** Ids of the slides just before a place. */
function newer(filter: SlideFilter, { addedAt, id }: Place, limit: number | undefined): RawBuilder<unknown> {
  const where = sql`slide.added_at >= ${addedAt} and (slide.added_at > ${addedAt} or slide.id < ${id})`;
  return ordered(filter, limit, { where, order: sql`added_at, id desc` });
}

/** From a place on, with the slide that stands there (`>=`) or without it (`>`). */
function onFrom({ addedAt, id }: Place, than: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`slide.added_at <= ${addedAt} and (slide.added_at < ${addedAt} or slide.id ${than} ${id})`;
}

interface Ordered {
  readonly where: RawBuilder<unknown>;
  readonly order: RawBuilder<unknown>;
}

function ordered(
  filter: SlideFilter,
  limit: number | undefined,
  { where, order }: Ordered,
): RawBuilder<unknown> {
  const end = limit === undefined ? sql`` : sql`order by ${order} limit ${limit}`;
  const condition = sql`slide.deleted_at is null and ${where} and ${containing(filter)}`;
  return sql`select id from (${reach(filter, sql`${condition} ${end}`)}) as listed ${end}`;
}

/** Rows of the slides that somebody may list: all, or those of an organisation and those shared with it. */
function reach({ organisationId }: SlideFilter, rest = sql`true`): RawBuilder<unknown> {
  if (organisationId === undefined) return sql`select slide.id, slide.added_at from slide where ${rest}`;
  return sql`
    (select slide.id, slide.added_at from slide where organisation_id = ${organisationId} and ${rest})
    union
    (select slide.id, slide.added_at from slide_share
      join slide on slide.id = slide_share.slide_id
      where slide_share.organisation_id = ${organisationId} and ${rest})`;
}

/** Slides that have all the words. */
function containing({ words = [] }: SlideFilter): RawBuilder<unknown> {
  const patterns = words.map(likeAnywhere);
  if (patterns.length === 0) return sql`true`;
  return sql`slide.name || ' ' || coalesce(slide.facts ->> 'vendor', '') ilike all(${patterns})`;
}
