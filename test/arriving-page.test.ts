import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { lineOf } from './drop-files.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { decode, meanDifference, runTool, type Pixels } from './pixels.ts';
import { sharedSample } from './shared-sample.ts';

const viewport = { width: 1000, height: 800 };
/** The middle of the window, free of controls, CSS px. */
const clip = { x: 300, y: 260, width: 400, height: 300 };
const patience = { timeout: 30_000 };

/** What the page offers to tests. */
interface TestDoor {
  readonly telepath?: { isSettled(): boolean; failedTiles(): readonly unknown[] };
}

describe('a slide is viewed while it is sent', () => {
  let lab: TestLab;
  let browser: Browser;
  let context: BrowserContext;
  let folder: string;
  beforeAll(async () => {
    lab = await startTestLab({ diskReserveBytes: 0 });
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'telepath-arriving-'));
    context = await browser.newContext({ viewport });
    const [name = '', value = ''] = lab.cookieOf('lab').split('=');
    await context.addCookies([{ name, value, url: lab.service.url }]);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('coarsely at once, with what is missing marked, and sharp without a reload in the end', async () => {
    const path = join(folder, 'seen.svs');
    await copyFile(await sharedSample('svs'), path);
    const sender = await context.newPage();
    await sender.goto(lab.service.url);
    const line = await lineOf(sender);
    await line.slow(150_000);
    await sender.getByTestId('file').setInputFiles(path);

    const open = sender.getByTestId('upload').getByRole('link', { name: 'Open seen.svs' });
    await open.waitFor(patience);
    const address = await open.getAttribute('href');
    const id = (address ?? '').replace('/view/', '');
    expect(await partArrived(lab, id)).toBeLessThan(0.3);

    // The whole slide, from what came first.
    const viewer = await context.newPage();
    await viewer.goto(`${lab.service.url}${address}?drawer=canvas`);
    await viewer.getByTestId('arrival').getByText('Receiving').waitFor(patience);
    await settled(viewer);
    const overview = await shrunk(await viewer.screenshot({ clip }));
    expect(await partArrived(lab, id)).toBeLessThan(1);
    // Tissue, not an empty screen.
    expect(
      meanDifference(overview, { ...overview, rgb: Buffer.alloc(overview.rgb.length, 243) }),
    ).toBeGreaterThan(10);

    // A place that is sent late: marked, and no failure.
    const place = { x: 5400, y: 4200 };
    await viewer.evaluate(({ x, y }) => void (location.hash = `#x=${x}&y=${y}&z=1&r=0`), place);
    await viewer.waitForTimeout(1000);
    await viewer.locator('.arriving-tile:visible').first().waitFor(patience);
    await viewer.getByText('still arriving').first().waitFor(patience);
    expect(await viewer.locator('.failed-tile').count()).toBe(0);
    expect(await viewer.evaluate(() => (globalThis as TestDoor).telepath?.failedTiles().length)).toBe(0);
    expect(await partArrived(lab, id)).toBeLessThan(1);
    const coarse = await decode(await viewer.screenshot({ clip }));
    const wanted = await truth(path, await topLeft(viewer, place));

    await line.free();
    await expect.poll(() => viewer.getByTestId('arrival').count(), patience).toBe(0);
    await settled(viewer);
    expect(await viewer.locator('.arriving-tile').count()).toBe(0);
    const late = await decode(await viewer.screenshot({ clip }));
    expect(meanDifference(late, wanted)).toBeLessThan(2);
    expect(meanDifference(coarse, wanted)).toBeGreaterThan(meanDifference(late, wanted) + 1);

    // The overview shown early is that of the whole slide, but for detail.
    await viewer.goto(`${lab.service.url}${address}?drawer=canvas`);
    await settled(viewer);
    expect(meanDifference(overview, await shrunk(await viewer.screenshot({ clip })))).toBeLessThan(3);
  }, 180_000);

  /** A part of the file as OpenSlide reads it, at full size. */
  async function truth(path: string, [left, top]: readonly [number, number]): Promise<Pixels> {
    const out = join(folder, `${left}-${top}.png`);
    const place = [left, top, 0, clip.width, clip.height].map(String);
    await runTool('openslide-write-png', path, ...place, out);
    return await decode(out);
  }
});

/** A screenshot at a tenth of its size: colours and shapes, no detail. */
async function shrunk(picture: Buffer): Promise<Pixels> {
  const box = { width: clip.width / 10, height: clip.height / 10 };
  return await decode(
    await sharp(picture).resize(box.width, box.height, { kernel: 'cubic' }).png().toBuffer(),
  );
}

/** Part of a slide that the service has, 0–1. */
async function partArrived(lab: TestLab, id: string): Promise<number> {
  const record = await lab.service.catalogue.get(id);
  return record?.state.kind === 'receiving' ? record.state.progress : 1;
}

/** Which pixel of the slide the clip's corner shows, when the picture's middle is at x, y and 1:1. */
async function topLeft(
  page: Page,
  { x, y }: { readonly x: number; readonly y: number },
): Promise<readonly [number, number]> {
  const box = await page.locator('.openseadragon-canvas').first().boundingBox();
  if (box === null) throw new Error('the page shows no picture');
  return [x + clip.x - (box.x + box.width / 2), y + clip.y - (box.y + box.height / 2)];
}

/** Waits until every tile in view is drawn sharp and nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(isSettled, null, patience);
  await page.waitForTimeout(300);
  await page.waitForFunction(isSettled, null, patience);
}

function isSettled(): boolean {
  return (globalThis as TestDoor).telepath?.isSettled() === true;
}
