import type { Page } from 'playwright-core';

/** What the viewer's page offers to those who drive it. */
export interface ViewerDoor {
  readonly telepath?: {
    isSettled(): boolean;
    failedTiles(): readonly unknown[];
    readonly viewer: {
      readonly viewport: {
        zoomBy(factor: number): ViewerDoor['telepath'];
        panBy(by: unknown): unknown;
        deltaPointsFromPixels(by: unknown): unknown;
        applyConstraints(): unknown;
        getContainerSize(): { readonly x: number; readonly y: number; times(factor: number): unknown };
      };
    };
  };
}

/** Path of a slide's page; the 2D canvas, because WebGL without a graphics card measures the imitation of one. */
export function viewerPath(id: string, hash = ''): string {
  return `/view/${id}?drawer=canvas${hash}`;
}

/** Waits until every tile in view is sharp and nothing moves. @throws after a minute, or when a tile failed */
export async function settled(page: Page): Promise<void> {
  let late: unknown;
  await page
    .waitForFunction(() => (globalThis as unknown as ViewerDoor).telepath?.isSettled() === true, null, {
      timeout: 60_000,
      polling: 'raf',
    })
    .catch((error: unknown) => (late = error));
  const failed = await page.evaluate(
    () => (globalThis as unknown as ViewerDoor).telepath?.failedTiles().length,
  );
  if (late !== undefined)
    throw new Error(`${page.url()} is not sharp after a minute; tiles that failed: ${failed}`, {
      cause: late,
    });
  if (failed !== 0) throw new Error(`${failed} tiles failed: a wrong picture is not timed`);
}
