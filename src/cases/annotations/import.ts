import type { Database } from '../../db/database.ts';
import { newId } from '../../core/ids.ts';
import type { Visibility } from './annotation.ts';
import type { Annotations } from './annotations.ts';
import { fromGeoJson, type Imported } from './from-geojson.ts';
import { writeAnnotations, type Drawing } from './write.ts';

/** What became of a GeoJSON file. */
export interface ImportOutcome {
  /** Ids of what was added. */
  readonly added: readonly string[];
  /** How many were on the slide already, just so. */
  readonly known: number;
  readonly refused: Imported['refused'];
}

/** How the annotations of a file come onto a slide. */
export interface Import {
  readonly drawing: Drawing;
  readonly visibility: Visibility;
  /** The GeoJSON, parsed as JSON. */
  readonly file: unknown;
}

/**
 * Adds the annotations of a GeoJSON file as one's own.
 *
 * What was exported from this slide and is on it still, unchanged, is not added once more; what was changed elsewhere
 * is added beside it.
 *
 * @throws {ServiceError} `invalid`, `too-large`; then nothing is added
 */
export async function importGeoJson(
  database: Database,
  annotations: Annotations,
  { drawing, visibility, file }: Import,
): Promise<ImportOutcome> {
  const { drafts, refused } = fromGeoJson(file, drawing.size);
  const there = new Map<string, string>();
  for await (const { id, geometry, label } of annotations.all(drawing))
    there.set(id, JSON.stringify([geometry, label]));
  const fresh = drafts.filter(
    ({ id, geometry, label }) => there.get(id) !== JSON.stringify([geometry, label]),
  );
  // Ids are free to reuse only where nobody has them, on whatever slide: new ones are always free.
  const changes = fresh.map((draft) => ({
    ...draft,
    op: 'put' as const,
    version: 0,
    visibility,
    id: newId(),
  }));
  await writeAnnotations(database, drawing, changes);
  return { added: changes.map(({ id }) => id), known: drafts.length - fresh.length, refused };
}
