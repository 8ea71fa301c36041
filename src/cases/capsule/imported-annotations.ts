import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Schema } from '../../db/schema.ts';
import { uuidOf } from '../annotations/to-geojson.ts';
import { fromGeoJson } from '../annotations/from-geojson.ts';
import { verticesOf } from '../annotations/shape.ts';
import { maxAnnotations } from '../annotations/write.ts';
import type { Manifest } from './capsule-manifest.ts';
import { wholeEntry, type VerifiedCapsule } from './verify-capsule.ts';

/** Longest GeoJSON that is taken of one slide, bytes. */
const maxGeoJsonBytes = 256 * 2 ** 20;

/** Rows of one statement. */
const batch = 500;

/** What a feature says beside its shape. */
const Drawn = z.looseObject({
  id: z.string(),
  properties: z.looseObject({
    metadata: z.looseObject({
      author: z.string().max(200),
      addedAt: z.iso.datetime({ precision: 3 }),
    }),
  }),
});
const DrawnList = z.looseObject({ features: z.array(Drawn).max(maxAnnotations) });

/** Whose case they become a part of. */
interface Place {
  readonly caseId: string;
  readonly slides: ReadonlyMap<SlideId, SlideId>;
}

/**
 * Puts onto the slides of a case what was drawn on them elsewhere, for all who see the case.
 *
 * @returns ids here by ids elsewhere
 * @throws {ServiceError} `damaged`, `too-large`
 */
export async function insertDrawn(
  db: Kysely<Schema>,
  capsule: VerifiedCapsule,
  { caseId, slides }: Place,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const slide of capsule.manifest.slides) {
    const slideId = slides.get(slide.id);
    if (slideId === undefined) continue;
    const rows = await rowsIn(capsule, slide);
    for (const { wasId, id } of rows) ids.set(wasId, id);
    for (let at = 0; at < rows.length; at += batch)
      await insert(db, rows.slice(at, at + batch), { caseId, slideId });
  }
  return ids;
}

type Row = Awaited<ReturnType<typeof rowsIn>>[number];

async function rowsIn(capsule: VerifiedCapsule, slide: Manifest['slides'][number]) {
  const { annotations, width, height } = slide;
  const entry = capsule.manifest.entries.find(({ name }) => name === annotations);
  if ((entry?.bytes ?? 0) > maxGeoJsonBytes)
    throw new ServiceError('too-large', `${annotations}: more than ${maxGeoJsonBytes / 2 ** 20} MiB`);
  if (width === undefined || height === undefined) return [];
  const file = jsonOf(annotations, await wholeEntry(capsule, annotations));
  const parsed = DrawnList.safeParse(file);
  if (!parsed.success)
    throw new ServiceError('damaged', `${annotations}: is not what a capsule of this version has`);
  const authors = new Map(parsed.data.features.map(({ id, properties }) => [id, properties.metadata]));
  return fromGeoJson(file, { width, height }).drafts.map(({ id, kind, geometry, label, colour }) => {
    const { author = '', addedAt = new Date().toISOString() } = authors.get(uuidOf(id)) ?? {};
    return { id: newId(), wasId: id, kind, geometry, label, colour, author, addedAt };
  });
}

async function insert(
  db: Kysely<Schema>,
  rows: readonly Row[],
  { caseId, slideId }: { readonly caseId: string; readonly slideId: SlideId },
): Promise<void> {
  const values = rows.map(
    ({ id, kind, geometry, label, colour, author, addedAt }) =>
      sql`(${id}, ${slideId}, ${caseId}, ${author}, ${kind}, ${JSON.stringify(geometry)}::jsonb,
        ${verticesOf(geometry)}, ${label}, ${colour}, 'case', ${addedAt}::timestamptz, ${addedAt}::timestamptz)`,
  );
  await sql`insert into annotation (id, slide_id, case_id, author_name, kind, geometry, vertices, label, colour,
    visibility, added_at, changed_at) values ${sql.join(values)}`.execute(db);
}

function jsonOf(name: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw new ServiceError('damaged', `${name}: is no JSON`, { cause });
  }
}
