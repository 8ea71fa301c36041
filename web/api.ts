import * as z from 'zod/mini';
import { ask, json, parsed, withToken } from './api/request.ts';

export { ApiError, problemText } from './api/request.ts';

const Size = z.object({ width: z.number(), height: z.number() });
const Mpp = z.object({ x: z.number(), y: z.number() });

/** How far a slide has come, as the service says it. */
export const State = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('receiving'), progress: z.number(), isViewable: z.boolean() }),
  z.object({ kind: z.literal('checking') }),
  z.object({ kind: z.literal('converting'), progress: z.optional(z.number()) }),
  z.object({ kind: z.literal('viewable') }),
  z.object({ kind: z.literal('complete') }),
  z.object({ kind: z.literal('failed'), reason: z.optional(z.string()) }),
]);

const Summary = z.object({
  id: z.string(),
  name: z.string(),
  organisationId: z.string(),
  state: State,
  urgent: z.optional(z.boolean()),
  addedAt: z.string(),
  bytes: z.number(),
  size: z.optional(Size),
  mpp: z.optional(Mpp),
  objectivePower: z.optional(z.number()),
  vendor: z.optional(z.string()),
});

const Level = z.object({
  level: z.number(),
  width: z.number(),
  height: z.number(),
  downsample: z.number(),
  tileWidth: z.number(),
  tileHeight: z.number(),
  columns: z.number(),
  rows: z.number(),
  origin: z.string(),
});

const DamagedTile = z.object({
  plane: z.optional(z.number()),
  column: z.number(),
  row: z.number(),
  reason: z.string(),
  downsample: z.number(),
  left: z.number(),
  top: z.number(),
  width: z.number(),
  height: z.number(),
});

const Verification = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  z.object({
    state: z.enum(['whole', 'damaged']),
    checked: z.number(),
    damagedTotal: z.number(),
    damaged: z.array(DamagedTile),
  }),
]);

const LevelArrival = z.object({
  level: z.number(),
  columns: z.number(),
  rows: z.number(),
  cells: z.string(),
});

const FocalStack = z.object({
  base: z.number(),
  planes: z.array(z.object({ offset: z.optional(z.number()) })),
});

const Viewable = z.object({
  id: z.string(),
  name: z.string(),
  state: State,
  size: Size,
  mpp: z.optional(Mpp),
  objectivePower: z.optional(z.number()),
  vendor: z.string(),
  format: z.string(),
  background: z.tuple([z.number(), z.number(), z.number()]),
  levels: z.array(Level),
  deepZoom: z.object({ tileSize: z.number(), maxLevel: z.number(), stored: z.array(z.number()) }),
  focus: z.optional(FocalStack),
  associated: z.array(z.object({ name: z.string(), width: z.number(), height: z.number() })),
  icc: z.boolean(),
  verification: z.optional(Verification),
  arriving: z.optional(z.array(LevelArrival)),
});

const Arrival = z.object({ state: State, arriving: z.optional(z.array(LevelArrival)) });

const NotViewable = z.object({ id: z.string(), name: z.string(), state: State, size: z.optional(z.never()) });

const Added = z.object({ id: z.string() });

/** One slide as the list shows it. */
export type SlideSummary = z.infer<typeof Summary>;

/** How far a slide has come. */
export type SlideState = z.infer<typeof State>;

/** All that the viewer needs to know of a slide. */
export type Slide = z.infer<typeof Viewable>;

/** A slide that cannot be viewed yet, or could not be converted. */
export type SlideInWork = z.infer<typeof NotViewable>;

/** The focal planes of a slide, the lowest first; `base` is the number of the one that is shown first. */
export type FocalStack = z.infer<typeof FocalStack>;

/** One of the slide's own levels. */
export type SlideLevel = z.infer<typeof Level>;

/** What of one level has arrived, a hexadecimal digit for each square of its tiles: `0` none, `f` all. */
export type LevelArrival = z.infer<typeof LevelArrival>;

/** How far a slide has come, and what of it has arrived while it is being sent. */
export type SlideArrival = z.infer<typeof Arrival>;

/** What a check of all its tiles found; absent where none is made. */
export type Verification = z.infer<typeof Verification>;

/** A tile of the file that is no whole picture, and where it lies, px of slide level 0. */
export type DamagedTile = z.infer<typeof DamagedTile>;

/** Which slides are listed. */
export interface SlideQuery {
  /** Words of the name, or of who made the scanner. */
  readonly text?: string;
  /** Id of the last slide of the page before. */
  readonly after?: string | undefined;
  /** Id of a slide that the page has in its middle. */
  readonly around?: string;
  /** Most slides to give, 1–500. */
  readonly limit: number;
}

/** A page of the list. */
export interface SlidePage {
  readonly slides: readonly SlideSummary[];
  /** `after` of the next page; absent when there is none. */
  readonly next?: string | undefined;
}

const Page = z.object({ slides: z.array(Summary), next: z.optional(z.string()) });

/** Slides, newest first, a page of them. @throws {ApiError} 404 when `after` or `around` is in no list any more */
export async function listSlides(
  { text = '', after, around, limit }: SlideQuery,
  signal?: AbortSignal,
): Promise<SlidePage> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (text.trim() !== '') query.set('text', text.trim());
  if (after !== undefined) query.set('after', after);
  if (around !== undefined) query.set('around', around);
  return await ask(Page, `/slides?${query}`, { signal });
}

/** One slide's description. @throws {ApiError} 404 when there is no such slide */
export async function getSlide(id: string, signal?: AbortSignal): Promise<Slide | SlideInWork> {
  const answer = await ask(z.unknown(), withToken(`/slides/${encodeURIComponent(id)}.json`), { signal });
  const { state } = parsed(z.object({ state: State }), answer);
  return parsed(canBeViewed(state) ? Viewable : NotViewable, answer);
}

/** Whether there is something to see, which may still be arriving. */
export function canBeViewed(state: SlideState): boolean {
  return (
    state.kind === 'viewable' || state.kind === 'complete' || (state.kind === 'receiving' && state.isViewable)
  );
}

/** Whether a slide will be in another state by and by. */
export function isUnderWay({ kind }: SlideState): boolean {
  return kind === 'receiving' || kind === 'checking' || kind === 'converting';
}

/** How far a slide has come, and what of it has arrived. @throws {ApiError} 404 when there is no such slide any more */
export async function getSlideArrival(id: string, signal?: AbortSignal): Promise<SlideArrival> {
  return await ask(Arrival, withToken(`/slides/${encodeURIComponent(id)}/arrival`), { signal });
}

/** What a check of every tile found; absent where none is made. @throws {ApiError} */
export async function getVerification(id: string, signal?: AbortSignal): Promise<Verification | undefined> {
  const url = withToken(`/slides/${encodeURIComponent(id)}/verification`);
  return (await ask(z.object({ verification: z.optional(Verification) }), url, { signal })).verification;
}

/** Whether a description is one that can be viewed. */
export function isViewable(slide: Slide | SlideInWork): slide is Slide {
  return slide.size !== undefined;
}

/** The id in the answer to an upload. @throws {ApiError} when the answer is none */
export function addedId(text: string): string {
  return parsed(Added, json(text)).id;
}

/** Address of a slide's picture, `width` px wide. */
export function thumbnailUrl(id: string, width: number): string {
  return withToken(`/slides/${id}/thumbnail.jpg?width=${width}`);
}

/** Address of a label, macro or thumbnail as the scanner made it. */
export function associatedUrl(id: string, name: string): string {
  return withToken(`/slides/${id}/associated/${encodeURIComponent(name)}.jpg`);
}
