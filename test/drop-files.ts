import type { Page } from 'playwright-core';

/** Drops files or folders of this machine on the middle of a page, as from a file manager. */
export async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const size = page.viewportSize() ?? { width: 1000, height: 800 };
  const at = { x: Math.floor(size.width / 2), y: Math.floor(size.height / 2) };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  await session.detach();
}

/** The line between a page and the service. */
export interface PageLine {
  /** Lets the page send no more than so many bytes a second. */
  slow(bytesPerSecond: number): Promise<void>;
  cut(): Promise<void>;
  /** As fast as it can be. */
  free(): Promise<void>;
}

/** Takes hold of a page's line. */
export async function lineOf(page: Page): Promise<PageLine> {
  const session = await page.context().newCDPSession(page);
  const set = async (offline: boolean, uploadThroughput: number) => {
    const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput };
    await session.send('Network.emulateNetworkConditions', conditions);
  };
  return {
    slow: async (bytesPerSecond) => await set(false, bytesPerSecond),
    cut: async () => await set(true, -1),
    free: async () => await set(false, -1),
  };
}
