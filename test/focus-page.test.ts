import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { startBrowser } from './browser.ts';
import { startTestService, type TestService } from './engine.ts';
import { barriers, newVisitor } from './page-visitor.ts';
import { decode, meanDifference, type Pixels } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

/** What the page offers to tests. */
interface TestDoor {
  readonly telepath: { isSettled(): boolean };
  /** How much of the middle was white in the frames since. */
  whitest: number;
}

/** Pages of the SVS that hold level 0 of each plane, the lowest first. */
const pages = [3, 0, 5] as const;
const viewport = { width: 900, height: 700 };
/** The middle of the window, free of controls, CSS px. */
const clip = { x: 300, y: 200, width: 300, height: 240 };
const place = { x: 700, y: 600 };

describe('focusing through a stack, in a real browser', () => {
  let service: TestService;
  let browser: Browser;
  let folder: string;
  let file: string;
  let id: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-focus-page-'));
    file = join(folder, 'stack.svs');
    service = await startTestService();
    [browser] = await Promise.all([
      startBrowser(),
      makeSample({ width: 1500, height: 1100, out: file, layout: 'svs', seed: 5, planes: 3 }),
    ]);
    id = await service.view(file);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const address = (more = '') =>
    `${service.url}/view/${id}?drawer=canvas#x=${place.x}&y=${place.y}&z=1${more}`;

  /** What a plane shows within {@link clip}, as libvips reads the file. */
  async function truth(page: Page, plane: number): Promise<Pixels> {
    const box = await page.locator('.canvas').boundingBox();
    if (box === null) throw new Error('no canvas');
    const left = place.x + clip.x - (box.x + box.width / 2);
    const top = place.y + clip.y - (box.y + box.height / 2);
    const { width, height } = clip;
    const part = sharp(file, { page: pages[plane] ?? 0 }).extract({ left, top, width, height });
    return await decode(await part.png().toBuffer());
  }

  it('goes by keys, the slider and the wheel, each plane to the pixel, never blank in between', async () => {
    await using visitor = await newVisitor(browser, viewport);
    const { page, complaints } = visitor;
    await page.goto(address());
    await settled(page);
    const slider = page.getByRole('slider', { name: 'Focal plane' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('Focus 0 µm, plane 2 of 3');
    await watchForBlank(page);
    const seen = [await expectPlane(page, 1)];
    await page.keyboard.press('.');
    seen.push(await expectPlane(page, 2));
    expect(await slider.getAttribute('aria-valuetext')).toBe('Focus +1 µm, plane 3 of 3');
    await page.keyboard.press('z');
    await expectPlane(page, 1);
    await slider.focus();
    await page.keyboard.press('ArrowDown');
    seen.push(await expectPlane(page, 0));
    expect(new URL(page.url()).hash).toMatch(/&f=0$/);
    // Typed while the slider has the focus, too; beyond the end nothing happens.
    await page.keyboard.press(',');
    await expectPlane(page, 0);
    await page.mouse.move(450, 320);
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Shift');
    await expectPlane(page, 1);
    for (const [i, one] of seen.entries())
      expect(meanDifference(one, seen[(i + 1) % seen.length] ?? one)).toBeGreaterThan(1);
    const whitest = await page.evaluate(() => (globalThis as unknown as TestDoor).whitest);
    expect(whitest).toBeLessThan(0.02);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('opens at the plane that a link names, and moves in it', async () => {
    await using visitor = await newVisitor(browser, viewport);
    const { page, complaints } = visitor;
    const planes = new Set<string>();
    await page.goto(address('&f=2'));
    await expectPlane(page, 2);
    page.on('request', (request) => planes.add(/planes\/\d/.exec(request.url())?.[0] ?? 'base'));
    await page.keyboard.press('Shift+ArrowRight');
    await settled(page);
    await page.waitForTimeout(400);
    expect(new URL(page.url()).hash).toMatch(/^#x=(?!700)\d.*&f=2$/);
    expect(complaints).toEqual([]);
    // The field beside it, and the planes next to it: the base plane alone is the slide itself.
    expect([...planes].filter((plane) => plane === 'planes/0')).toEqual([]);
  });

  it('has no control where there is one plane', async () => {
    await using visitor = await newVisitor(browser, viewport);
    const { page } = visitor;
    await page.goto(`${service.url}/view/${await service.view(slidePath('svs/CMU-1-Small-Region.svs'))}`);
    await settled(page);
    expect(await page.getByTestId('focus').count()).toBe(0);
    expect(new URL(page.url()).hash).not.toMatch(/f=/);
  });

  /** Waits for a plane, and compares it with the file. */
  async function expectPlane(page: Page, plane: number): Promise<Pixels> {
    await page.getByText(`${plane + 1} of 3`).waitFor();
    await settled(page);
    const picture = await decode(await page.screenshot({ clip }));
    expect(meanDifference(picture, await truth(page, plane))).toBeLessThan(0.6);
    return picture;
  }
});

/** Looks at each frame for background where there is tissue. */
async function watchForBlank(page: Page): Promise<void> {
  await page.evaluate((box) => {
    const door = globalThis as unknown as TestDoor;
    door.whitest = 0;
    const canvas = document.querySelector('.canvas canvas');
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error('no canvas');
    const look = () => {
      const pixels = canvas.getContext('2d')?.getImageData(box.x, box.y, 200, 150).data ?? [];
      let white = 0;
      for (let i = 0; i < pixels.length; i += 4)
        if ((pixels[i + 3] ?? 0) < 255 || (pixels[i + 1] ?? 0) > 250) white += 1;
      door.whitest = Math.max(door.whitest, (4 * white) / pixels.length);
      requestAnimationFrame(look);
    };
    look();
  }, clip);
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { telepath } = globalThis as unknown as Partial<TestDoor>;
    return telepath?.isSettled() === true;
  });
}
