import * as z from 'zod/mini';
import { canBeViewed, listSlides, State, type SlidePage } from '../api.ts';
import { ask, linkToken } from '../api/request.ts';

/** A slide as the tray names it. */
export interface TraySlide {
  readonly id: string;
  /** As its case calls it, e.g. `A2 · HE`, or its name. */
  readonly title: string;
  readonly canBeViewed: boolean;
}

/** The slides among which one is looked at. */
export interface Tray {
  readonly source: 'case' | 'list';
  readonly slides: readonly TraySlide[];
  /** Whether these are all, not those around one of very many. */
  readonly isWhole: boolean;
}

const CaseSlides = z.object({
  slides: z.array(z.object({ id: z.string(), title: z.string(), position: z.number(), state: State })),
});

/** How long the list of slides counts as known, ms: changing slides does not ask for it again. */
const knownMs = 60_000;
let last: { readonly key: string; readonly at: number; readonly tray: Promise<Tray> } | undefined;

/** Slides of a list that is shown whole; of a longer one, those around a slide. */
const mostOfList = 500;

/**
 * The slides that the page of a slide stands among: those of the case that its address names (`?case=…`), in the case's
 * order; otherwise those that the list shows, in its order. With a link to one slide there is none but that.
 *
 * @throws {ApiError}
 */
async function trayOf(url: URL, slideId: string): Promise<Tray> {
  if (linkToken() !== undefined) return { source: 'list', slides: [], isWhole: true };
  const caseId = url.searchParams.get('case');
  if (caseId !== null) return await ofCase(caseId);
  const newest = await listSlides({ limit: mostOfList });
  if (newest.next === undefined) return ofList(newest, true);
  return ofList(await listSlides({ around: slideId, limit: mostOfList }), false);
}

function ofList({ slides }: SlidePage, isWhole: boolean): Tray {
  const shown = slides.map(({ id, name, state }) => ({ id, title: name, canBeViewed: canBeViewed(state) }));
  return { source: 'list', slides: shown, isWhole };
}

/** The same, of the last minute. @throws {ApiError} */
export async function knownTrayOf(url: URL, slideId: string): Promise<Tray> {
  const key = url.searchParams.get('case') ?? '';
  const isKnown = last?.key === key && performance.now() - last.at <= knownMs;
  if (last !== undefined && isKnown && !isNearEnd(await last.tray, slideId)) return await last.tray;
  const tray = trayOf(url, slideId);
  last = { key, at: performance.now(), tray };
  // A failure is not kept.
  tray.catch(() => {
    if (last?.tray === tray) last = undefined;
  });
  return await tray;
}

/** Whether of a long list too few slides are known on one side of a slide. */
function isNearEnd({ slides, isWhole }: Tray, slideId: string): boolean {
  if (isWhole) return false;
  const at = slides.findIndex(({ id }) => id === slideId);
  return at < drawnBeside || at >= slides.length - drawnBeside;
}

/** Forgets which slides there were: whoever comes next may see others. */
export function forgetTray(): void {
  last = undefined;
}

/** Most slides drawn on either side of the one that is shown: lists may have thousands. */
const drawnBeside = 60;

/** Positions of the slides that are drawn: those around the one that is shown. */
export function drawnPlaces(count: number, at: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, at - drawnBeside), to: Math.min(count, at + drawnBeside + 1) };
}

async function ofCase(id: string): Promise<Tray> {
  const { slides } = await ask(CaseSlides, `/cases/${encodeURIComponent(id)}`);
  return {
    source: 'case',
    isWhole: true,
    slides: slides
      .toSorted((a, b) => a.position - b.position)
      .map(({ id: slideId, title, state }) => ({ id: slideId, title, canBeViewed: canBeViewed(state) })),
  };
}
