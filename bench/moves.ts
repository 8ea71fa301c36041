import type { Browser, BrowserContext, Page } from 'playwright-core';
import { decode } from '../test/pixels.ts';
import { browserCookie } from './accounts.ts';
import { fetchBytes, slideJson, type Entry, type OurService } from './service.ts';
import { settled, viewerPath, type ViewerDoor } from './viewer-page.ts';

/** What is waited for, as the field names it. */
export type MoveName = 'open' | 'change' | 'field' | 'zoom';

/** Times of each kind of move, s. */
export type MoveTimes = Record<MoveName, number[]>;

/** A network between the browser and the service. */
export interface Shape {
  /** Round trip, ms. */
  readonly latencyMs: number;
  readonly megabits: number;
}

/** The screen on which slides are looked at, CSS px. */
export const viewport = { width: 1600, height: 1000 };

/** Where there is tissue: the view on a slide, px of slide level 0. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where a browser goes, and what lets it in. */
export interface Door {
  readonly url: string;
  readonly entry: Entry;
}

/** A fresh browser of somebody who has signed in. */
export async function signedInContext(browser: Browser, { url, entry }: Door): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ignoreHTTPSErrors: true });
  await context.addCookies([browserCookie(entry, url)]);
  return context;
}

/** The most stained part of a slide, as its thumbnail shows it. */
export async function stainedSpot({ url, headers }: OurService, id: string): Promise<Spot> {
  const { size } = await slideJson(url, id, headers);
  const { width, height, rgb } = await decode(
    await fetchBytes(`${url}/slides/${id}/thumbnail.jpg?width=256`, headers),
  );
  const cell = 16;
  let best = { green: Infinity, x: 0, y: 0 };
  for (let y = cell; y + 2 * cell < height; y += cell / 2)
    for (let x = cell; x + 2 * cell < width; x += cell / 2) {
      let green = 0;
      for (let i = 0; i < cell * cell; i += 1)
        green += rgb[3 * ((y + Math.floor(i / cell)) * width + x + (i % cell)) + 1] ?? 0;
      if (green < best.green) best = { green, x: x + cell / 2, y: y + cell / 2 };
    }
  const scale = size.width / width;
  return { x: Math.round(best.x * scale), y: Math.round(best.y * scale) };
}

/** How long a field or a slide is looked at before the next, ms: as long as a quick eye needs. */
const lookMs = 1000;

/** Fields in a serpentine, in parts of the screen. */
const fields: readonly (readonly [right: number, down: number])[] = [
  [0.9, 0],
  [0.9, 0],
  [0, 0.9],
  [-0.9, 0],
  [-0.9, 0],
  [0, 0.9],
  [0.9, 0],
  [0.9, 0],
];

const zooms = [2, 0.5, 0.5, 0.5, 4];

/**
 * A pathologist's moves in a fresh browser: opens a case, goes from field to field at 20×, zooms, takes the next
 * slides, each after a look. Each is timed from the move until every tile in view is sharp.
 */
export async function makeMoves(
  browser: Browser,
  door: Door,
  ids: readonly string[],
  at: { readonly shape: Shape; readonly spot: Spot },
): Promise<MoveTimes> {
  const context = await signedInContext(browser, door);
  try {
    const page = await context.newPage();
    await shapeNetwork(page, at.shape);
    const [first = '', ...others] = ids;
    const times: MoveTimes = { open: [], change: [], field: [], zoom: [] };
    await page.goto(door.url + viewerPath(first), { waitUntil: 'commit' });
    await settled(page);
    times.open.push((await page.evaluate(() => performance.now())) / 1000);
    await goTo(page, at.spot);
    for (const by of fields) {
      await page.waitForTimeout(lookMs);
      times.field.push(await timedPan(page, by));
    }
    for (const factor of zooms) times.zoom.push(await timedZoom(page, factor));
    for (const id of others) {
      await page.waitForTimeout(lookMs);
      times.change.push(await timedChange(page, viewerPath(id)));
    }
    return times;
  } finally {
    await context.close();
  }
}

/** Slows the network of one page, as Chromium's own tools do: latency on each request, one rate for all of them. */
async function shapeNetwork(page: Page, { latencyMs, megabits }: Shape): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const bytes = (megabits * 1e6) / 8;
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bytes,
    uploadThroughput: bytes,
  });
}

async function goTo(page: Page, { x, y }: Spot): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#x=${x}&y=${y}&z=0.5&r=0`);
  await page.waitForTimeout(200);
  await settled(page);
}

/** Seconds from a pan by parts of the screen until all is sharp. */
async function timedPan(page: Page, [right, down]: readonly [number, number]): Promise<number> {
  return await timed(page, { right, down }, ({ right, down }) => {
    const { viewport } = (globalThis as unknown as Required<ViewerDoor>).telepath.viewer;
    const step = viewport.getContainerSize();
    // A point of OpenSeadragon's own making: times() gives one, the sides of which are then set.
    const point = Object.assign(step.times(1) as object, { x: step.x * right, y: step.y * down });
    viewport.panBy(viewport.deltaPointsFromPixels(point));
    viewport.applyConstraints();
  });
}

async function timedZoom(page: Page, factor: number): Promise<number> {
  return await timed(page, factor, (by) => {
    const { viewport } = (globalThis as unknown as Required<ViewerDoor>).telepath.viewer;
    viewport.zoomBy(by);
    viewport.applyConstraints();
  });
}

async function timedChange(page: Page, path: string): Promise<number> {
  return await timed(page, path, (to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  });
}

/** Makes a move in the page, and counts the seconds until the page says that all is sharp. */
async function timed<T>(
  page: Page,
  args: T,
  move: Parameters<typeof page.evaluate<void, T>>[0],
): Promise<number> {
  await page.evaluate(() => void performance.mark('move'));
  await page.evaluate(move, args);
  // The first question is asked after a frame was drawn, or the old picture would answer it.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await settled(page);
  return await page.evaluate(
    () => (performance.now() - performance.getEntriesByName('move').at(-1)!.startTime) / 1000,
  );
}
