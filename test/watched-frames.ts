import type { Page } from 'playwright-core';

/** A point in the viewer's window, or on the slide. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** What the page offers to tests, as far as they look at frames. */
interface Door {
  isSettled(): boolean;
  readonly viewer: {
    readonly drawer: { readonly canvas: HTMLCanvasElement };
    readonly world: {
      getItemAt(index: number):
        | {
            viewerElementToImageCoordinates(point: unknown): Point;
            getTilesToDraw(): readonly { readonly tile: { getUrl(): string } }[];
          }
        | undefined;
    };
    readonly viewport: { getCenter(): object };
    addHandler(name: string, act: () => void): void;
  };
}

/** The page as the functions below find it. */
interface WatchedWindow {
  telepath?: Door;
  watched: Watched;
  sharpAfter?: number;
}

/** What was seen of the frames that the viewer drew. */
export interface Watched {
  frames: number;
  /** Where and when a part of the slide was not painted. */
  readonly blanks: string[];
}

/** Waits until every tile in view is drawn sharp and nothing moves. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (globalThis as unknown as WatchedWindow).telepath?.isSettled() === true,
    null,
    { timeout: 30_000 },
  );
}

/**
 * Looks at each frame that the viewer draws in this page from its next opening on: is there a picture wherever the
 * slide lies? That is an opaque pixel of the canvas, or the slide's small picture below it.
 *
 * @param size of the slide, px
 */
export async function watchForBlanks(
  page: Page,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  await page.addInitScript(({ width, height }) => {
    const [columns, rows] = [12, 9];
    const page = globalThis as unknown as WatchedWindow;
    const watched: Watched = { frames: 0, blanks: [] };
    page.watched = watched;
    const small = new OffscreenCanvas(columns, rows).getContext('2d', { willReadFrequently: true });
    if (small === null) throw new Error('no canvas');
    small.imageSmoothingEnabled = false;

    const look = ({ viewer }: Door) => {
      const item = viewer.world.getItemAt(0);
      const { canvas } = viewer.drawer;
      const below = document.querySelector<HTMLImageElement>('img.first-look');
      const hasPicture = below?.complete === true && below.naturalWidth > 0;
      // What is still on its way to the page for the first time cannot be shown.
      hasBegun ||= hasPicture || below === null;
      if (item === undefined || hasPicture || !hasBegun) return;
      watched.frames++;
      small.clearRect(0, 0, columns, rows);
      small.drawImage(canvas, 0, 0, columns, rows);
      const { data } = small.getImageData(0, 0, columns, rows);
      for (let i = 0; i < columns * rows; i++) {
        const x = (((i % columns) + 0.5) * canvas.clientWidth) / columns;
        const y = ((Math.floor(i / columns) + 0.5) * canvas.clientHeight) / rows;
        const on = item.viewerElementToImageCoordinates(Object.assign(viewer.viewport.getCenter(), { x, y }));
        // A little inside: the slide's edge lies between two pixels.
        const isOn = on.x > 60 && on.y > 60 && on.x < width - 60 && on.y < height - 60;
        if (isOn && data[i * 4 + 3] !== 255)
          watched.blanks.push(
            `frame ${watched.frames} at ${Math.round(on.x)}, ${Math.round(on.y)}, ${location.hash}`,
          );
      }
    };
    let hasBegun = false;
    let known: Door | undefined;
    const attach = () => {
      const { telepath } = page;
      if (telepath !== undefined && telepath !== known)
        telepath.viewer.addHandler('update-viewport', () => look(telepath));
      known = telepath;
      requestAnimationFrame(attach);
    };
    requestAnimationFrame(attach);
  }, size);
}

/** What was seen so far. */
export async function framesSeen(page: Page): Promise<Watched> {
  return await page.evaluate(() => (globalThis as unknown as WatchedWindow).watched);
}

/** From the press of a key until all in view is sharp and still. */
export async function timeToSharp(page: Page, key: string): Promise<number> {
  await page.evaluate(() => {
    const page = globalThis as unknown as WatchedWindow;
    const onKey = () => {
      const begun = performance.now();
      const look = () => {
        const ms = performance.now() - begun;
        if (ms > 20 && page.telepath?.isSettled() === true) page.sharpAfter = ms;
        else requestAnimationFrame(look);
      };
      look();
    };
    addEventListener('keydown', onKey, { once: true, capture: true });
  });
  await page.keyboard.press(key);
  await page.waitForFunction(() => (globalThis as unknown as WatchedWindow).sharpAfter !== undefined);
  return await page.evaluate(() => (globalThis as unknown as WatchedWindow).sharpAfter ?? Number.NaN);
}

/** Paths of the tiles that are drawn now. */
export async function tilesDrawn(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const item = (globalThis as unknown as WatchedWindow).telepath?.viewer.world.getItemAt(0);
    return (item?.getTilesToDraw() ?? []).map(({ tile }) => new URL(tile.getUrl(), location.href).pathname);
  });
}
