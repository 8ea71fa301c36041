import * as z from 'zod/mini';
import { canBeViewed, listSlides, State } from '../api.ts';
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
}

const CaseSlides = z.object({
  slides: z.array(z.object({ id: z.string(), title: z.string(), position: z.number(), state: State })),
});

/** How long the list of slides counts as known, ms: changing slides does not ask for it again. */
const knownMs = 60_000;
let last: { readonly key: string; readonly at: number; readonly tray: Promise<Tray> } | undefined;

/**
 * The slides that a page at this address stands among: those of the case it names (`?case=…`), in the case's order;
 * otherwise all that the list shows, in its order. With a link to one slide there is none but that.
 *
 * @throws {ApiError}
 */
export async function trayOf(url: URL, signal?: AbortSignal): Promise<Tray> {
  if (linkToken() !== undefined) return { source: 'list', slides: [] };
  const caseId = url.searchParams.get('case');
  if (caseId !== null) return await ofCase(caseId, signal);
  const slides = await listSlides(signal);
  return {
    source: 'list',
    slides: slides.map(({ id, name, state }) => ({ id, title: name, canBeViewed: canBeViewed(state) })),
  };
}

/** The same, of the last minute. @throws {ApiError} */
export async function knownTrayOf(url: URL): Promise<Tray> {
  const key = url.searchParams.get('case') ?? '';
  if (last?.key !== key || performance.now() - last.at > knownMs) {
    const tray = trayOf(url);
    last = { key, at: performance.now(), tray };
    // A failure is not kept.
    tray.catch(() => {
      if (last?.tray === tray) last = undefined;
    });
  }
  return await last.tray;
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

async function ofCase(id: string, signal?: AbortSignal): Promise<Tray> {
  const { slides } = await ask(CaseSlides, `/cases/${encodeURIComponent(id)}`, { signal });
  return {
    source: 'case',
    slides: slides
      .toSorted((a, b) => a.position - b.position)
      .map(({ id: slideId, title, state }) => ({ id: slideId, title, canBeViewed: canBeViewed(state) })),
  };
}
