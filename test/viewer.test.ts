import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestService, type TestService } from './engine.ts';
import { decode, meanDifference, runTool, type Pixels } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

const slide = slidePath('svs/CMU-1-Small-Region.svs');
const viewport = { width: 1000, height: 800 };
/** The middle of the window, free of controls, CSS px. */
const clip = { x: 300, y: 250, width: 400, height: 300 };

/** What the page offers to tests. */
interface TestDoor {
  readonly telepath: { isSettled(): boolean; failedTiles(): readonly unknown[] };
}

describe('the viewer, in a real browser', () => {
  let service: TestService;
  let browser: Browser;
  let folder: string;
  let id: string;
  beforeAll(async () => {
    service = await startTestService();
    id = await service.view(slide);
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'telepath-viewer-'));
  });
  afterAll(async () => {
    await browser?.close();
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a view; whatever the page complains of fails the test. */
  async function open(hash = ''): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${service.url}/view/${id}?drawer=canvas${hash}`);
    await settle(page);
    return { page, complaints };
  }

  /** A part of the slide as OpenSlide reads it, at full size. */
  async function truth(left: number, top: number, width: number, height: number): Promise<string> {
    const file = join(folder, `${left}-${top}.png`);
    await runTool('openslide-write-png', slide, ...[left, top, 0, width, height].map(String), file);
    return file;
  }

  it('opens from the list and shows the whole slide', async () => {
    const page = await browser.newPage({ viewport });
    await page.goto(service.url);
    await page.getByText('CMU-1-Small-Region.svs').first().click();
    await settle(page);
    expect(new URL(page.url()).pathname).toBe(`/view/${id}`);
    const glass = await decode(await page.screenshot({ clip }));
    const mean = glass.rgb.reduce((sum, value) => sum + value, 0) / glass.rgb.length;
    expect(mean).toBeGreaterThan(100);
    expect(mean).toBeLessThan(250);
    await page.close();
  });

  it('shows the pixels that OpenSlide reads, one to one', async () => {
    const { page, complaints } = await open('#x=1200&y=1500&z=1&r=0');
    const shown = await decode(await page.screenshot({ clip }));
    const middle = await middleOf(page);
    const left = 1200 + clip.x - middle.x;
    const top = 1500 + clip.y - middle.y;
    const wanted = await decode(await truth(left, top, clip.width, clip.height));
    expect(meanDifference(shown, wanted)).toBeLessThan(2);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => (globalThis as unknown as TestDoor).telepath.failedTiles().length)).toBe(
      0,
    );
    await page.close();
  });

  it('zooms to 20× by its key, pans by the arrows, and shows the right place', async () => {
    const { page, complaints } = await open();
    await page.getByRole('button', { name: 'About 20×' }).click();
    await settle(page);
    for (const key of ['ArrowLeft', 'ArrowUp']) {
      await page.keyboard.press(key);
      await settle(page);
    }
    const view = new URLSearchParams(new URL(page.url()).hash.slice(1));
    const [x, y, z] = ['x', 'y', 'z'].map((name) => Number(view.get(name))) as [number, number, number];
    expect(z).toBeCloseTo(0.499 / 0.5, 2);
    expect(x).toBeLessThan(1110);
    expect(y).toBeLessThan(1483);
    const shown = await decode(await page.screenshot({ clip }));
    const wanted = await regionAt(x, y, z, await middleOf(page));
    expect(meanDifference(shown, wanted)).toBeLessThan(8);
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** What the clip must show when the picture's middle is at x, y and z CSS px show one slide px. */
  async function regionAt(x: number, y: number, z: number, middle: Middle): Promise<Pixels> {
    const left = x + (clip.x - middle.x) / z;
    const top = y + (clip.y - middle.y) / z;
    const [l, t] = [Math.floor(left) - 1, Math.floor(top) - 1];
    const file = await truth(l, t, Math.ceil(clip.width / z) + 4, Math.ceil(clip.height / z) + 4);
    const all = await decode(await sharp(file).flatten({ background: '#fff' }).png().toBuffer());
    return sampled(all, { left: left - l, top: top - t, z });
  }

  it('marks a tile that fails, and says how many', async () => {
    const page = await browser.newPage({ viewport });
    await page.route('**/levels/0/4_6.jpg', (route) => route.fulfill({ status: 500, body: '' }));
    await page.goto(`${service.url}/view/${id}?drawer=canvas#x=1080&y=1560&z=1&r=0`);
    await page.waitForFunction(
      () => (globalThis as unknown as TestDoor).telepath?.failedTiles().length === 1,
      null,
      {
        timeout: 30_000,
      },
    );
    expect(await page.getByText(/1 tile failed/i).isVisible()).toBe(true);
    await page.close();
  });
});

/** The middle of the picture in the window, CSS px. */
interface Middle {
  readonly x: number;
  readonly y: number;
}

/** The clip as a picture shows it whose px are drawn `z` px large, from a place between its px. */
function sampled(from: Pixels, { left, top, z }: { left: number; top: number; z: number }): Pixels {
  const rgb = Buffer.alloc(clip.width * clip.height * 3);
  for (let row = 0; row < clip.height; row++)
    for (let column = 0; column < clip.width; column++) {
      const [u, v] = [left + (column + 0.5) / z - 0.5, top + (row + 0.5) / z - 0.5];
      const [x, y] = [Math.floor(u), Math.floor(v)];
      for (let band = 0; band < 3; band++) {
        const at = (dx: number, dy: number) =>
          from.rgb[((y + dy) * from.width + x + dx) * 3 + band]! *
          (dx ? u - x : x + 1 - u) *
          (dy ? v - y : y + 1 - v);
        rgb[(row * clip.width + column) * 3 + band] = Math.round(at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1));
      }
    }
  return { width: clip.width, height: clip.height, rgb };
}

/** Where the view's centre is in the window: between the bars above and below. */
async function middleOf(page: Page): Promise<Middle> {
  const box = await page.locator('.openseadragon-canvas').first().boundingBox();
  if (box === null) throw new Error('the page shows no picture');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits until every tile in view is drawn sharp and nothing moves. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (globalThis as unknown as Partial<TestDoor>).telepath?.isSettled() === true,
    null,
    {
      timeout: 30_000,
    },
  );
  await page.waitForTimeout(300);
  await page.waitForFunction(() => (globalThis as unknown as TestDoor).telepath.isSettled(), null, {
    timeout: 30_000,
  });
}
