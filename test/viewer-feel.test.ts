import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestService, type TestService } from './engine.ts';
import { barriers, newVisitor, overhang } from './page-visitor.ts';
import { sharedSample } from './shared-sample.ts';
import { slidePath } from './shared-slides.ts';
import { framesSeen, settled, tilesDrawn, timeToSharp, watchForBlanks } from './watched-frames.ts';

const size = { width: 8000, height: 6000 };
const tiles = /\/slides\/[0-9a-f]+(_files|\/levels)\//;

describe('the feel of the viewer, over a slow line', () => {
  let service: TestService;
  let browser: Browser;
  let id: string;
  let second: string;
  beforeAll(async () => {
    service = await startTestService({ rendersAhead: false });
    second = await service.view(slidePath('svs/CMU-1-Small-Region.svs'));
    id = await service.view(await sharedSample('svs'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.[Symbol.asyncDispose]();
  });

  it('never shows a blank: at the start, zooming in and out, moving, turning, jumping', async () => {
    await using visitor = await newVisitor(browser, { width: 1000, height: 800 });
    const { page, complaints } = visitor;
    await delay(page, 350);
    await watchForBlanks(page, size);
    await page.goto(`${service.url}/view/${id}?drawer=canvas`);
    await page.locator('.openseadragon-canvas').first().waitFor();
    for (const key of ['5', 'Shift+ArrowRight', 'Shift+ArrowDown', '0', '6', 'r', '2', 'Shift+R', '4']) {
      await page.keyboard.press(key);
      await page.waitForTimeout(180);
    }
    for (const hash of ['#x=400&y=400&z=1&r=0', '#x=7600&y=5500&z=2&r=30', '#x=4000&y=3000&z=0.05&r=0']) {
      await page.evaluate((to) => location.assign(to), hash);
      await page.waitForTimeout(250);
    }
    await settled(page);
    const seen = await framesSeen(page);
    expect(seen.frames).toBeGreaterThan(30);
    expect(seen.blanks).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('has the next field there before it is asked for', async () => {
    await using visitor = await newVisitor(browser, { width: 1000, height: 800 });
    const { page } = visitor;
    const asked = await delay(page, 150);
    await page.goto(`${service.url}/view/${id}?drawer=canvas#x=2500&y=3000&z=1&r=0`);
    await settled(page);
    await page.keyboard.press('Shift+ArrowRight');
    await settled(page);
    await quiet(page, asked);
    asked.length = 0;
    const ms = await timeToSharp(page, 'Shift+ArrowRight');
    const field = (await tilesDrawn(page)).filter((path) => path.includes('/levels/0/'));
    expect(field.length).toBeGreaterThan(6);
    expect(asked.filter((path) => field.includes(path))).toEqual([]);
    // 150 ms of gliding and a frame or two, on a machine that does nothing else; no tile is waited for.
    expect(ms).toBeLessThan(3000);
    // The field after it is asked for once this one is there.
    await quiet(page, asked);
    expect(asked.filter((path) => path.includes('/levels/0/')).length).toBeGreaterThan(0);
  });

  it('fetches nothing ahead where the browser was told to save data', async () => {
    await using visitor = await newVisitor(browser, { width: 1000, height: 800 });
    const { page } = visitor;
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
    });
    const asked = await delay(page, 0);
    await page.goto(`${service.url}/view/${id}?drawer=canvas#x=2500&y=3000&z=1&r=0`);
    await settled(page);
    await quiet(page, asked);
    const inView = new Set(asked.filter((path) => path.includes('/levels/0/')));
    // 1,000 × 690 px show at most 5 × 4 tiles of 256 px.
    expect(inView.size).toBeLessThanOrEqual(20);
  });

  it('changes slides at the same magnification, the next one there before it is asked for', async () => {
    await using visitor = await newVisitor(browser, { width: 1000, height: 800 });
    const { page, complaints } = visitor;
    const asked = await delay(page, 150);
    await page.goto(`${service.url}/view/${id}?drawer=canvas#x=4000&y=3000&z=0.5&r=0`);
    await settled(page);
    const strip = page.getByRole('navigation', { name: 'Slides' });
    await strip.getByText('1 of 2').waitFor();
    // The next slide is fetched after a second and a half, when all around the view is here.
    await page.waitForTimeout(1500);
    await quiet(page, asked);
    asked.length = 0;
    await page.keyboard.press(']');
    await strip.getByText('2 of 2').waitFor();
    await settled(page);
    expect(new URL(page.url()).pathname).toBe(`/view/${second}`);
    expect(await page.getByTestId('read-out').textContent()).toContain('≈ 20×');
    const field = (await tilesDrawn(page)).filter((path) => path.includes('/levels/0/'));
    expect(field.length).toBeGreaterThan(6);
    expect(asked.filter((path) => field.includes(path))).toEqual([]);
    await page.keyboard.press('PageUp');
    await strip.getByText('1 of 2').waitFor();
    await settled(page);
    expect(page.url()).toContain(`/view/${id}?drawer=canvas#x=4000&y=3000&z=0.5&r=0`);
    expect(complaints).toEqual([]);
  });

  it('shows a tray and the glass, the label only when asked; by keyboard, screen reader and thumb', async () => {
    await using visitor = await newVisitor(browser, { width: 390, height: 844 });
    const { page, complaints } = visitor;
    await page.goto(`${service.url}/view/${id}?drawer=canvas`);
    await settled(page);
    await page.getByRole('button', { name: 'Slides', exact: true }).click();
    const [first, next] = await page.getByRole('navigation', { name: 'Slides' }).getByRole('link').all();
    expect(await first?.getAttribute('aria-current')).toBe('true');
    await page.keyboard.press('g');
    const panel = page.getByTestId('glass');
    await panel.getByRole('button', { name: /^Show the whole glass/ }).waitFor();
    expect(await panel.getByAltText(/label|macro/).count()).toBe(0);
    await panel.getByRole('button', { name: /^Show the label/ }).click();
    await panel.getByAltText('The slide’s label').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page)).toEqual([]);
    }
    expect(await overhang(page)).toBe(0);
    await next?.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === `/view/${second}`);
    await settled(page);
    // The panel stays, what it shows is of the other slide, and the label has to be asked for again.
    await panel.getByRole('button', { name: /^Show the label/ }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-current'))).toBe('true');
    expect(complaints).toEqual([]);
  });
});

/** Waits until no tile has been asked for in half a second. */
async function quiet(page: Page, asked: readonly string[]): Promise<void> {
  for (let before = -1; before !== asked.length;) {
    before = asked.length;
    await page.waitForTimeout(500);
  }
}

/** Lets each tile take `ms` longer. @returns addresses of the tiles asked for since */
async function delay(page: Page, ms: number): Promise<string[]> {
  const asked: string[] = [];
  await page.route(tiles, async (route) => {
    asked.push(new URL(route.request().url()).pathname);
    await new Promise((resolve) => setTimeout(resolve, ms));
    // A page that has moved on has withdrawn its request.
    await route.continue().catch(() => undefined);
  });
  return asked;
}
