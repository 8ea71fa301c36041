import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestService, type TestService } from './engine.ts';
import { slidePath } from './shared-slides.ts';

/** What is read of the viewer in the page. */
interface Door {
  readonly telepath?: {
    isSettled(): boolean;
    readonly viewer: {
      readonly viewport: {
        getCenter(now: boolean): unknown;
        getZoom(now: boolean): number;
        viewportToImageCoordinates(point: unknown): { x: number; y: number };
        viewportToImageZoom(zoom: number): number;
      };
    };
  };
}

/** A controller that tests hold. */
interface TestPad {
  readonly testPad: { axes: number[]; buttons: { pressed: boolean; value: number }[] };
}

describe('moving a slide by hand, in a real browser', () => {
  let service: TestService;
  let browser: Browser;
  let id: string;
  let newer: string;
  beforeAll(async () => {
    service = await startTestService();
    id = await service.view(slidePath('svs/CMU-1-Small-Region.svs'));
    newer = await service.view(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.[Symbol.asyncDispose]();
  });

  async function open(page: Page): Promise<void> {
    await page.goto(`${service.url}/view/${id}?drawer=canvas#x=1100&y=1500&z=1&r=0`);
    await page.waitForFunction(() => (globalThis as unknown as Door).telepath?.isSettled() === true);
  }

  it('glides on after a drag, slower and slower, until it is touched', async () => {
    const page = await browser.newPage({ viewport: { width: 1024, height: 768 } });
    await open(page);
    // On a busy machine the hand may have rested for a moment before it let go.
    let [atRelease, soon] = [await centre(page), await centre(page)];
    for (let tries = 0; tries < 8 && soon.x === atRelease.x; tries++) {
      await open(page);
      await fling(page);
      [atRelease, soon] = [await centre(page), await after(page, 100)];
    }
    const end = await after(page, 1600);
    expect(soon.x).toBeGreaterThan(atRelease.x);
    expect(end.x).toBeGreaterThan(soon.x);
    expect(Math.abs(end.y - 1500)).toBeLessThan(2);
    expect((await after(page, 300)).x).toBe(end.x);

    await fling(page);
    await page.mouse.down();
    const held = await after(page, 60);
    expect((await after(page, 500)).x).toBeCloseTo(held.x, 3);
    await page.mouse.up();
    await page.close();
  });

  it('does not glide where people want less motion', async () => {
    const page = await browser.newPage({ viewport: { width: 1024, height: 768 }, reducedMotion: 'reduce' });
    await open(page);
    await fling(page);
    const atRelease = await after(page, 60);
    expect((await after(page, 500)).x).toBe(atRelease.x);
    expect(atRelease.x).toBeCloseTo(1500, 0);
    await page.close();
  });

  it('is moved by a game controller', async () => {
    const page = await browser.newPage({ viewport: { width: 1024, height: 768 } });
    await page.addInitScript(() => {
      const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
      const pad = { connected: true, mapping: 'standard', axes: [0.05, 0, 0, 0], buttons };
      Object.assign(globalThis, { testPad: pad });
      Object.assign(navigator, { getGamepads: () => [null, pad] });
    });
    await open(page);
    expect((await after(page, 200)).x).toBeCloseTo(1100, 0);

    const begin = await zoomedTo(page);
    await hold(page, { axes: [1, 0, 0, 0] }, 300);
    const moved = await centre(page);
    expect(moved.x).toBeGreaterThan(1130);
    expect((await after(page, 200)).x).toBe(moved.x);
    await hold(page, { axes: [0, 0, 0, 1] }, 300);
    expect(await zoomedTo(page)).toBeLessThan(begin * 0.9);

    // By steps: 20× is 1.0 here, 10× 0.5.
    await hold(page, { axes: [0, 0, 0, 0], button: 5 }, 120);
    await page.waitForTimeout(700);
    const stronger = await zoomedTo(page);
    await hold(page, { axes: [0, 0, 0, 0], button: 4 }, 120);
    await page.waitForTimeout(700);
    expect((await zoomedTo(page)) / stronger).toBeCloseTo(0.5, 1);
    await hold(page, { axes: [0, 0, 0, 0], button: 3 }, 120);
    await page.waitForTimeout(900);
    expect((await centre(page)).x).toBeCloseTo(1110, -1);

    await hold(page, { axes: [0, 0, 0, 0], button: 9 }, 120);
    await page.getByText('Game controller:').waitFor();
    // What lies over the slide is not moved behind.
    const before = await centre(page);
    await hold(page, { axes: [1, 1, 0, 0] }, 200);
    expect(await centre(page)).toEqual(before);

    // The tray reads the keys that the cross stands for: the newer slide comes before.
    await page.keyboard.press('Escape');
    await hold(page, { axes: [0, 0, 0, 0], button: 14 }, 120);
    await page.waitForURL(`**/view/${newer}*`);
    await page.close();
  });
});

/** Drags to the left by 400 px, and lets go while still moving. */
async function fling(page: Page): Promise<void> {
  await page.mouse.move(800, 400);
  await page.mouse.down();
  await page.mouse.move(400, 400, { steps: 12 });
  await page.mouse.up();
}

/** Holds sticks and a button for a while, then lets go. */
async function hold(page: Page, held: { axes: number[]; button?: number }, ms: number): Promise<void> {
  await page.evaluate(({ axes, button }) => {
    const { testPad } = globalThis as unknown as TestPad;
    testPad.axes = axes;
    if (button !== undefined) testPad.buttons[button] = { pressed: true, value: 1 };
  }, held);
  await page.waitForTimeout(ms);
  await page.evaluate(() => {
    const { testPad } = globalThis as unknown as TestPad;
    testPad.axes = [0, 0, 0, 0];
    testPad.buttons = testPad.buttons.map(() => ({ pressed: false, value: 0 }));
  });
  await page.waitForTimeout(50);
}

/** The middle of the screen after a while, px of the slide. */
async function after(page: Page, ms: number): Promise<{ x: number; y: number }> {
  await page.waitForTimeout(ms);
  return await centre(page);
}

async function centre(page: Page): Promise<{ x: number; y: number }> {
  return await page.evaluate(() => {
    const viewport = (globalThis as unknown as Door).telepath!.viewer.viewport;
    const { x, y } = viewport.viewportToImageCoordinates(viewport.getCenter(true));
    return { x, y };
  });
}

async function zoomedTo(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const viewport = (globalThis as unknown as Door).telepath!.viewer.viewport;
    return viewport.viewportToImageZoom(viewport.getZoom(true));
  });
}
