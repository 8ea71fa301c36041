import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Position = z.tuple([z.number(), z.number()]);
const Geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Point'), coordinates: Position }),
  z.object({ type: z.literal('LineString'), coordinates: z.array(Position) }),
  z.object({ type: z.literal('Polygon'), coordinates: z.array(z.array(Position)) }),
]);
const Annotation = z.object({
  id: z.string(),
  kind: z.enum(['point', 'arrow', 'line', 'rectangle', 'ellipse', 'polygon', 'freehand', 'text']),
  geometry: Geometry,
  label: z.string(),
  colour: z.string(),
  visibility: z.enum(['me', 'case', 'organisation']),
  author: z.object({ name: z.string(), isMe: z.boolean() }),
  version: z.number(),
  addedAt: z.string(),
});
const Page = z.object({ annotations: z.array(Annotation), next: z.optional(z.string()) });
const Outcomes = z.object({
  outcomes: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['done', 'conflict', 'forbidden', 'absent']),
      version: z.optional(z.number()),
      current: z.optional(Annotation),
    }),
  ),
});
const Imported = z.object({
  added: z.array(z.string()),
  known: z.number(),
  refused: z.array(z.object({ feature: z.number(), reason: z.string() })),
});

/** Something drawn on a slide, as the service keeps it. */
export type Annotation = z.infer<typeof Annotation>;

/** A change to one's own annotation; `version` is the one it replaces, 0 for none. */
export type AnnotationChange =
  | ({ readonly op: 'put'; readonly version: number } & Omit<Annotation, 'author' | 'version' | 'addedAt'>)
  | { readonly op: 'delete'; readonly id: string; readonly version: number };

/** What became of a change. */
export type ChangeOutcome = z.infer<typeof Outcomes>['outcomes'][number];

/** What became of a GeoJSON file. */
export type ImportOutcome = z.infer<typeof Imported>;

/** The slide that is drawn on, and the case in which it is looked at. */
export interface Drawn {
  readonly slideId: string;
  readonly caseId: string | undefined;
}

/** What is drawn on a slide, page by page. @throws {ApiError} */
export async function* listAnnotations(
  drawn: Drawn,
  signal: AbortSignal,
): AsyncGenerator<readonly Annotation[]> {
  let after: string | undefined;
  do {
    const page = await ask(Page, urlOf(drawn, '', after === undefined ? {} : { after }), { signal });
    yield page.annotations;
    after = page.next;
  } while (after !== undefined);
}

/** Makes changes. @returns what became of each @throws {ApiError} */
export async function changeAnnotations(
  drawn: Drawn,
  changes: readonly AnnotationChange[],
): Promise<readonly ChangeOutcome[]> {
  return (await ask(Outcomes, urlOf(drawn, ''), { method: 'POST', body: { changes } })).outcomes;
}

/** Deletes somebody else's, as administrators may. @throws {ApiError} 404 when it is gone */
export async function removeAnnotation(drawn: Drawn, id: string): Promise<void> {
  await tell(urlOf(drawn, `/${encodeURIComponent(id)}`), { method: 'DELETE' });
}

/** Adds what a GeoJSON file holds. @throws {ApiError} */
export async function importAnnotations(
  drawn: Drawn,
  visibility: Annotation['visibility'],
  file: unknown,
): Promise<ImportOutcome> {
  return await ask(Imported, urlOf(drawn, '.geojson', { visibility }), { method: 'POST', body: file });
}

/** Where the GeoJSON of a slide's annotations is. */
export function geoJsonUrl(drawn: Drawn): string {
  return urlOf(drawn, '.geojson');
}

function urlOf(
  { slideId, caseId }: Drawn,
  rest: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams({ ...(caseId !== undefined && { case: caseId }), ...query });
  const url = `/slides/${encodeURIComponent(slideId)}/annotations${rest}`;
  return search.size === 0 ? url : `${url}?${search.toString()}`;
}
