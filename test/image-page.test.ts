import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adjusted, unadjusted } from '../web/image/adjustments.ts';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, signInByForm } from './page-visitor.ts';
import { decode, runTool, type Pixels } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

/** Tissue and glass; the middle is tissue. */
const tissue = '#x=1200&y=1500&z=1&r=0';
/** Nothing but glass in the middle. */
const glass = '#x=400&y=2400&z=1&r=0';
/** A part of the window that nothing but the slide is in, CSS px. */
const clip = { x: 300, y: 190, width: 200, height: 90 };
/** Small, because software that imitates a graphics processor draws it. */
const viewport = { width: 900, height: 560 };

interface TestDoor {
  readonly telepath: { isSettled(): boolean };
}

describe('the picture in the viewer, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let folder: string;
  /** Ids of the same slide without and with a colour profile. */
  let [plain, profiled] = ['', ''];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-image-'));
    lab = await startTestLab();
    const svs = slidePath('svs/CMU-1-Small-Region.svs');
    const p3 = join(folder, 'p3.tif');
    const options = ['--tile', '--pyramid', '--compression', 'jpeg', '--Q', '90', '--profile', 'p3'];
    await runTool('vips', 'tiffsave', svs, p3, ...options);
    plain = await added(svs);
    profiled = await added(p3);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => void (await lab.database.run((db) => db.deleteFrom('preference').execute())));

  async function added(path: string): Promise<string> {
    const answer = await lab.as('lab')('/slides?name=a.svs', { method: 'POST', body: await readFile(path) });
    return ((await answer.json()) as { id: string }).id;
  }

  /** Opens a slide as the pathologist, on a computer that was never used before. */
  async function open(id: string, view: string, drawer: 'canvas' | 'webgl' = 'canvas') {
    const visitor = await newVisitor(browser, viewport);
    await visitor.page.goto(`${lab.service.url}/view/${id}?drawer=${drawer}${view}`);
    await signInByForm(visitor.page, 'pathologist@own.example', lab.password);
    // The tray comes a little later, and takes some of the window.
    await visitor.page.getByRole('navigation', { name: 'Slides' }).waitFor();
    await settle(visitor.page);
    return visitor;
  }

  /** What the pathologist's account holds. */
  const kept = async () => {
    const answer = await lab.as('pathologist')('/account/preferences/viewer');
    return ((await answer.json()) as { value?: unknown }).value;
  };
  it('is adjusted by the keyboard alone, remembered on other computers, and reset to the slide’s own pixels', async () => {
    await using visitor = await open(plain, tissue);
    const { page } = visitor;
    expect(await page.getByTestId('profile-badge').innerText()).toBe('No colour profile');
    expect(await badge(page).count()).toBe(0);
    const own = await shot(page);
    await page.keyboard.press('b');
    await page.getByLabel('Brightness', { exact: true }).focus();
    for (let n = 0; n < 10; n += 1) await page.keyboard.press('ArrowRight');
    await page.getByLabel('Saturation', { exact: true }).focus();
    for (let n = 0; n < 50; n += 1) await page.keyboard.press('ArrowLeft');
    await badge(page).waitFor();
    const changed = { ...unadjusted, brightness: 0.1, saturation: 0.5 };
    expect(
      largest(
        await shot(page),
        mapped(own, (rgb) => adjusted(rgb, changed)),
      ),
    ).toBeLessThanOrEqual(1);
    expect(await barriers(page)).toEqual([]);

    await page.keyboard.down('o');
    await page.getByText('The slide’s own colours').waitFor();
    expect((await shot(page)).rgb.equals(own.rgb)).toBe(true);
    await page.keyboard.up('o');
    await expect.poll(kept, { timeout: 15_000 }).toMatchObject({ adjustments: { saturation: 0.5 } });

    await using elsewhere = await open(plain, tissue);
    await badge(elsewhere.page).waitFor();
    expect(largest(await shot(elsewhere.page), await shot(page))).toBe(0);
    await badge(elsewhere.page).click();
    await badge(elsewhere.page).waitFor({ state: 'detached' });
    expect((await shot(elsewhere.page)).rgb.equals(own.rgb)).toBe(true);
    await page.getByRole('button', { name: 'Reset all' }).click();
    expect((await shot(page)).rgb.equals(own.rgb)).toBe(true);
    expect([...visitor.complaints, ...elsewhere.complaints]).toEqual([]);
  });

  it('has a white point: glass becomes white, tissue is refused', async () => {
    await using visitor = await open(plain, glass);
    const { page } = visitor;
    expect(lightness(await shot(page))).toBeLessThan(248);
    // As fast as fingers roll over keys: the second is for what the first one opens.
    await Promise.all([page.keyboard.press('w'), page.keyboard.press('Enter')]);
    await badge(page).waitFor();
    expect(lightness(await shot(page))).toBeGreaterThan(252);
    // From elsewhere, or the slide would only begin to glide there.
    await page.goto('about:blank');
    await page.goto(`${lab.service.url}/view/${plain}?drawer=canvas${tissue}`);
    await settle(page);
    await page.keyboard.press('w');
    await page.getByTestId('white-picker').click({ position: await darkest(page) });
    await page.getByText('That is too dark to be glass').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('white-picker').waitFor({ state: 'detached' });
    await badge(page).click();
    expect(visitor.complaints).toEqual([]);
  });

  it.each(['canvas', 'webgl'] as const)('has the scanner’s colours, drawn by %s', async (drawer) => {
    await using visitor = await open(profiled, tissue, drawer);
    const { page } = visitor;
    const profile = page.getByTestId('profile-badge');
    await page.getByText('Colour profile applied').waitFor();
    const right = await shot(page);
    await profile.click();
    await page.getByText('Colour profile off').waitFor();
    const stored = join(folder, `${drawer}.png`);
    const truth = join(folder, `${drawer}-truth.png`);
    await page.screenshot({ clip, path: stored });
    await runTool(
      'vips',
      'icc_transform',
      stored,
      truth,
      'srgb',
      '--input-profile',
      'p3',
      '--intent',
      'relative',
    );
    expect(largest(right, await decode(truth))).toBeLessThanOrEqual(3);
    expect(largest(right, await decode(stored))).toBeGreaterThan(8);
    await page.keyboard.press('p');
    await page.getByText('Colour profile applied').waitFor();
    if (drawer === 'webgl') await loseContext(page);
    await page.waitForTimeout(100);
    expect(largest(await shot(page), right)).toBeLessThanOrEqual(1);
    expect(visitor.complaints).toEqual([]);
  });

  it('is taken as a snapshot with a scale bar, and shown on a dark page', async () => {
    await using visitor = await open(profiled, tissue);
    const { page } = visitor;
    const bar = await page.locator('.scale-bar i').evaluate((line) => line.clientWidth);
    const seen = await shot(page);
    const box = await page.locator('.openseadragon-canvas').first().boundingBox();
    await page.keyboard.press('s');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save' }).click();
    const file = join(folder, 'snapshot.png');
    await (await download).saveAs(file);
    const picture = await decode(file);
    expect([picture.width, picture.height]).toEqual([box?.width, box?.height]);
    const left = clip.x - (box?.x ?? 0);
    const top = clip.y - (box?.y ?? 0);
    expect(largest(seen, cut(picture, left, top, clip.width, clip.height))).toBe(0);
    expect(Math.abs(longestDarkLine(cut(picture, 16, picture.height - 80, 260, 70)) - bar)).toBeLessThan(6);
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('d');
    await expect.poll(() => themeOf(page)).toBe('dark');
    await page.reload();
    await page.getByRole('navigation', { name: 'Slides' }).waitFor();
    await settle(page);
    await expect.poll(() => themeOf(page)).toBe('dark');
    expect((await shot(page)).rgb.equals(seen.rgb)).toBe(true);
    expect(await barriers(page)).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });
});

function badge(page: Page): Locator {
  return page.getByTestId('adjusted-badge');
}

async function shot(page: Page): Promise<Pixels> {
  return await decode(await page.screenshot({ clip }));
}

async function themeOf(page: Page): Promise<string | undefined> {
  return await page.evaluate(() => document.documentElement.dataset['theme']);
}

/** Largest difference of two pictures, of 255. */
function largest(one: Pixels, other: Pixels): number {
  return one.rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - (other.rgb[i] ?? 999))), 0);
}

function lightness({ rgb }: Pixels): number {
  return rgb.reduce((sum, value) => sum + value, 0) / rgb.length;
}

type Rgb = readonly [number, number, number];

function mapped(picture: Pixels, change: (rgb: Rgb) => Rgb): Pixels {
  const rgb = Buffer.alloc(picture.rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const [r = 0, g = 0, b = 0] = picture.rgb.subarray(at, at + 3);
    rgb.set(
      change([r / 255, g / 255, b / 255]).map((value) => Math.round(value * 255)),
      at,
    );
  }
  return { ...picture, rgb };
}

function cut(picture: Pixels, left: number, top: number, width: number, height: number): Pixels {
  const rows = Array.from({ length: height }, (_, row) => {
    const at = ((top + row) * picture.width + left) * 3;
    return picture.rgb.subarray(at, at + width * 3);
  });
  return { width, height, rgb: Buffer.concat(rows) };
}

/** How many pixels in a row are as dark as the bar. */
function longestDarkLine({ width, rgb }: Pixels): number {
  let [longest, now] = [0, 0];
  for (let at = 0; at < rgb.length; at += 3) {
    const isDark = rgb[at]! < 40 && rgb[at + 1]! < 40 && rgb[at + 2]! < 40;
    now = isDark && (at / 3) % width !== 0 ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest;
}

/** Where the darkest spot of the clip is, px from the corner of the slide's part of the window. */
async function darkest(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const { rgb, width } = await decode(await page.screenshot({ clip }));
  const box = await page.getByTestId('white-picker').boundingBox();
  let [at, least] = [0, Infinity];
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i + 1]! < least) [at, least] = [i / 3, rgb[i + 1]!];
  return { x: clip.x - (box?.x ?? 0) + (at % width), y: clip.y - (box?.y ?? 0) + Math.floor(at / width) };
}

/** Takes the graphics processor away from the picture, as a driver that is renewed does. */
async function loseContext(page: Page): Promise<void> {
  await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.changed-picture');
    const context = canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    if (!context) throw new Error('the picture is not drawn by WebGL 2');
    context.loseContext();
    const { telepath } = globalThis as unknown as { telepath: { viewer: { forceRedraw(): void } } };
    telepath.viewer.forceRedraw();
  });
}

/** Runs in the page. */
function isSettled(): boolean {
  return (globalThis as unknown as Partial<TestDoor>).telepath?.isSettled() === true;
}

/** Waits until every tile in view is drawn sharp and nothing moves. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(isSettled, null, { timeout: 30_000 });
  await page.waitForTimeout(300);
  await page.waitForFunction(isSettled, null, { timeout: 30_000 });
}
