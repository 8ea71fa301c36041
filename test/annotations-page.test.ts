import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../src/auth/principal.ts';
import { startBrowser } from './browser.ts';
import { startTestLab } from './lab.ts';
import { barriers, newVisitor, overhang, type Visitor } from './page-visitor.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, slides } = lab;

/** What the page offers to tests. */
interface TestDoor {
  readonly telepath?: { isSettled(): boolean };
}

/** The middle of the stage at 1:1 is this place of the slide; one CSS px is 0.499 µm. */
const hash = '#x=1000&y=1400&z=1&r=0';

describe('annotations, in a real browser', () => {
  let browser: Browser;
  let author: Visitor;
  let page: Page;
  beforeAll(async () => {
    browser = await startBrowser();
    author = await visit('pathologist');
    ({ page } = author);
    await page.goto(`${service.url}/view/${slides.own}?drawer=canvas${hash}`);
    await settle(page);
    await page.getByRole('button', { name: 'Draw and measure' }).click();
    await page.getByRole('toolbar', { name: 'Draw and measure' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** A window in which somebody has signed in. */
  async function visit(role: Role): Promise<Visitor> {
    const visitor = await newVisitor(browser);
    const [name = '', value = ''] = lab.cookieOf(role).split('=');
    await visitor.context.addCookies([{ name, value, url: service.url }]);
    return visitor;
  }

  it('draws every kind, and measures 200 × 100 px of 0.499 µm', async () => {
    await drawWith(page, 'l', [200, 200], [400, 200]);
    await expect.poll(() => measures(page)).toBe('99.8 µm');
    await drawWith(page, 'b', [200, 250], [400, 350]);
    await expect.poll(() => measures(page)).toBe('area 4980 µm² · perimeter 299 µm');
    await drawWith(page, 'e', [450, 250], [550, 350]);
    await expect.poll(() => measures(page)).toBe('area 1956 µm² · perimeter 157 µm');
    await drawWith(page, 'v', [600, 300], [700, 350]);
    await page.keyboard.press('p');
    await clickOn(page, [800, 300]);
    await page.keyboard.press('g');
    for (const corner of [
      [200, 450],
      [300, 450],
      [300, 550],
    ] as const)
      await clickOn(page, corner);
    await clickOn(page, [200, 450]);
    await expect.poll(() => measures(page)).toBe('area 1245 µm² · perimeter 170 µm');
    await page.keyboard.press('h');
    await drag(page, [
      [400, 450],
      [500, 450],
      [500, 550],
      [400, 550],
    ]);
    await expect.poll(() => measures(page)).toBe('area 2490 µm² · perimeter 200 µm');
    await page.keyboard.press('t');
    await clickOn(page, [800, 400]);
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('necrosis');
    await page.keyboard.press('Enter');
    await page.keyboard.press('m');
    await expect
      .poll(() => labels(page))
      .toEqual(['necrosis', 'Freehand', 'Polygon', 'Point', 'Arrow', 'Ellipse', 'Rectangle', 'Ruler']);
    await saved(page);
  });

  it('keeps nobody from using them', async () => {
    expect(await barriers(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overhang(page)).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await settle(page);
  });

  it('moves a point of a ruler, takes it back, and does it again', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('m');
    await page.evaluate((to) => location.assign(to), hash);
    await settle(page);
    await clickOn(page, [300, 200]);
    await expect.poll(() => measures(page)).toBe('99.8 µm');
    await drag(page, [
      [400, 200],
      [450, 200],
      [500, 200],
    ]);
    await expect.poll(() => measures(page)).toBe('150 µm');
    await page.keyboard.press('Control+z');
    await expect.poll(() => measures(page)).toBe('99.8 µm');
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => measures(page)).toBe('150 µm');
    await page.keyboard.press('Delete');
    await expect.poll(() => page.getByTestId('mark-card').count()).toBe(0);
    await page.keyboard.press('Control+z');
    await expect.poll(() => measures(page)).toBe('150 µm');
  });

  it('is drawn, labelled and coloured by the keyboard alone', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('l');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    // 300 px.
    await expect.poll(() => measures(page)).toBe('150 µm');
    await page.keyboard.press('Escape');
    await page.keyboard.press('m');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.locator('input.mark-label:focus').waitFor();
    await page.keyboard.type('margin');
    await page.keyboard.press('Enter');
    await page.getByLabel('Colour', { exact: true }).selectOption('Green');
    await page.getByLabel('Who sees it').selectOption('Only me');
    await page.getByRole('button', { name: 'Move points' }).press('Enter');
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => measures(page)).toBe('180 µm');
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await labels(page))[0]).toBe('margin');
    await saved(page);
  });

  it('waits for a line that is broken, says so, and keeps everything', async () => {
    await author.context.setOffline(true);
    await drawWith(page, 'l', [200, 620], [300, 620]);
    await expect.poll(() => saveNote(page), { timeout: 10_000 }).toContain('Offline');
    await author.context.setOffline(false);
    await saved(page);
    await page.reload();
    await settle(page);
    await page.getByRole('button', { name: 'Annotations' }).click();
    await expect.poll(() => labels(page)).toHaveLength(10);
    expect(author.complaints).toEqual([]);
  });

  it('goes out and comes in as GeoJSON, in one act', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export GeoJSON' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    const { features } = JSON.parse(text) as {
      features: { geometry: { type: string; isEllipse?: boolean } }[];
    };
    expect(features).toHaveLength(10);
    expect(features.filter(({ geometry }) => geometry.isEllipse === true)).toHaveLength(1);
    expect(await takeIn(page, text)).toBe('0 imported. 10 were there already.');
    const more = JSON.stringify([feature([10, 10]), feature([20, 20]), feature([-9999, 0])]);
    expect(await takeIn(page, more)).toContain(
      '2 imported. 1 left out; feature 3: -9999, 0 is not on the slide',
    );
    await expect.poll(() => labels(page)).toHaveLength(12);
    await page.getByRole('heading', { name: 'Annotations' }).click();
    await page.keyboard.press('Control+z');
    await expect.poll(() => labels(page)).toHaveLength(10);
    await saved(page);
  });

  it('shows others what is for them, from whom, and lets them change nothing of it', async () => {
    await using colleague = await visit('lab');
    const marks = (await (await lab.as('lab')(`/slides/${slides.own}/annotations`)).json()) as {
      annotations: { id: string; kind: string; label: string }[];
    };
    const text = marks.annotations.find(({ label }) => label === 'necrosis');
    expect(marks.annotations).toHaveLength(9);
    await colleague.page.goto(`${service.url}/view/${slides.own}?drawer=canvas#a=${text?.id}`);
    await settle(colleague.page);
    const card = colleague.page.getByTestId('mark-card');
    await card.waitFor();
    expect(await card.innerText()).toContain('necrosis');
    expect(await card.innerText()).toContain('By pathologist of the Own laboratory');
    expect(await card.getByRole('textbox').count()).toBe(0);
    await colleague.page.keyboard.press('Delete');
    await colleague.page.keyboard.press('m');
    await expect.poll(() => labels(colleague.page)).toHaveLength(9);
    await expect.poll(() => labels(colleague.page)).not.toContain('margin');
    expect(colleague.complaints).toEqual([]);
  });

  it('stays as fluid with 10,000 outlines of 30 points as with none', async () => {
    await using reader = await visit('pathologist');
    const address = `${service.url}/view/${slides.shared}?drawer=canvas#x=1100&y=1480&z=0.4&r=0`;
    await reader.page.goto(address);
    await settle(reader.page);
    const without = await framesWhilePanning(reader.page);
    const features = Array.from({ length: 10_000 }, (_, i) => cell(i));
    const body = JSON.stringify({ type: 'FeatureCollection', features });
    const answer = await lab.as('pathologist')(`/slides/${slides.shared}/annotations.geojson`, {
      method: 'POST',
      body,
    });
    expect(((await answer.json()) as { added: string[] }).added).toHaveLength(10_000);
    await reader.page.reload();
    await settle(reader.page);
    await reader.page.getByRole('button', { name: 'Annotations' }).click();
    await reader.page.getByText('10000 annotations').waitFor();
    await reader.page.getByRole('button', { name: 'Close: Annotations' }).click();
    await reader.page.waitForTimeout(500);
    const withMarks = await framesWhilePanning(reader.page);
    // A machine that is busy with other things draws few frames either way.
    expect(withMarks).toBeGreaterThan(Math.min(30, without * 0.6));
    expect(reader.complaints).toEqual([]);
  });

  it('stays in one’s hands where nothing is kept: by a link the ruler only', async () => {
    await using guest = await newVisitor(browser);
    const link = await service.links?.add(slides.own, { hours: 1 });
    await guest.page.goto(`${service.url}/view/${slides.own}?drawer=canvas&token=${link?.token}${hash}`);
    await settle(guest.page);
    await guest.page.getByRole('button', { name: 'Draw and measure' }).click();
    await guest.page.getByRole('toolbar', { name: 'Draw and measure' }).waitFor();
    expect(await guest.page.getByRole('button', { name: 'Arrow' }).count()).toBe(0);
    await drawWith(guest.page, 'l', [200, 200], [400, 200]);
    await expect.poll(() => measures(guest.page)).toBe('99.8 µm');
    expect(await guest.page.getByText('Not saved: only here').count()).toBeGreaterThan(0);
    expect(guest.complaints).toEqual([]);
  });
});

/** An outline of 30 points, about as large as a cell, somewhere on a slide of 2,220 × 2,967 px. */
function cell(i: number): object {
  const [x, y, r] = [20 + ((i * 7919) % 2180), 20 + ((i * 104_729) % 2927), 5 + (i % 14)];
  const ring = Array.from({ length: 30 }, (_, k) => {
    const angle = (k / 30) * 2 * Math.PI;
    const radius = r * (0.85 + 0.15 * Math.sin(3 * angle + i));
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  const geometry = { type: 'Polygon', coordinates: [[...ring, ring[0]]] };
  return {
    type: 'Feature',
    geometry,
    properties: { objectType: 'detection', classification: { name: 'cell' } },
  };
}

/** What the page's viewer offers for moving about. */
interface Panned {
  readonly telepath: {
    readonly viewer: {
      readonly viewport: {
        getCenter(): { x: number; y: number };
        panTo(to: { x: number; y: number }, immediately: boolean): void;
      };
    };
  };
}

/** Frames a second while the slide is moved in each of them, for two seconds. */
async function framesWhilePanning(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const { viewport } = (globalThis as unknown as Panned).telepath.viewer;
    const middle = viewport.getCenter();
    const began = performance.now();
    let frames = 0;
    await new Promise<void>((done) => {
      const step = () => {
        frames += 1;
        const turn = (performance.now() - began) / 300;
        const to = middle.constructor as new (x: number, y: number) => { x: number; y: number };
        viewport.panTo(new to(middle.x + 0.15 * Math.sin(turn), middle.y + 0.1 * Math.cos(turn)), true);
        if (performance.now() - began < 2000) requestAnimationFrame(step);
        else done();
      };
      requestAnimationFrame(step);
    });
    return frames / 2;
  });
}

/** A point as GeoJSON has it. */
function feature(coordinates: unknown): object {
  return { type: 'Feature', geometry: { type: 'Point', coordinates }, properties: { name: 'new' } };
}

type Place = readonly [x: number, y: number];

/** Takes a tool by its key, and drags it from one place of the stage to another. */
async function drawWith(page: Page, key: string, from: Place, to: Place): Promise<void> {
  await page.keyboard.press(key);
  await drag(page, [from, to]);
}

/** Drags through places of the stage. */
async function drag(page: Page, [first, ...rest]: readonly Place[]): Promise<void> {
  const { x, y } = await cornerOf(page);
  if (first === undefined) return;
  await page.mouse.move(x + first[0], y + first[1]);
  await page.mouse.down();
  for (const place of rest) await page.mouse.move(x + place[0], y + place[1], { steps: 4 });
  // Else the release belongs to a throw.
  await page.waitForTimeout(80);
  await page.mouse.up();
}

async function clickOn(page: Page, place: Place): Promise<void> {
  const { x, y } = await cornerOf(page);
  await page.mouse.click(x + place[0], y + place[1]);
  // Two clicks of one place would be a double click.
  await page.waitForTimeout(400);
}

async function cornerOf(page: Page): Promise<{ x: number; y: number }> {
  const box = await page.locator('.openseadragon-canvas').first().boundingBox();
  if (box === null) throw new Error('the page shows no picture');
  return box;
}

/** What the selected annotation measures. */
async function measures(page: Page): Promise<string> {
  return await page.getByTestId('measures').innerText();
}

/** The list, from its top. */
async function labels(page: Page): Promise<string[]> {
  return await page.locator('.mark-row b').allInnerTexts();
}

async function saveNote(page: Page): Promise<string> {
  return await page.getByTestId('save-note').first().innerText();
}

async function saved(page: Page): Promise<void> {
  await expect.poll(() => saveNote(page), { timeout: 15_000 }).toBe('Saved');
}

/** Chooses a file. @returns what became of it */
async function takeIn(page: Page, text: string): Promise<string> {
  const outcome = page.getByTestId('import-outcome');
  await page
    .getByLabel('GeoJSON file')
    .setInputFiles({ name: 'a.geojson', mimeType: 'application/json', buffer: Buffer.from(text) });
  await expect.poll(() => outcome.innerText(), { timeout: 10_000 }).toMatch(/imported/);
  return await outcome.innerText();
}

/** Waits until every tile in view is drawn sharp and nothing moves. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => (globalThis as TestDoor).telepath?.isSettled() === true, null, {
    timeout: 30_000,
  });
}
