import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, type Visitor } from './page-visitor.ts';
import { decode, meanDifference } from './pixels.ts';

/** µm per px of the two slides, which show the same tissue. */
const mpps = [0.25, 0.5] as const;

/** What is read of a viewer in the page. */
interface PageViewer {
  readonly viewport: {
    getCenter(now: boolean): unknown;
    getZoom(now: boolean): number;
    getRotation(now: boolean): number;
    viewportToImageCoordinates(point: unknown): { x: number; y: number };
    viewportToImageZoom(zoom: number): number;
  };
}

interface Door {
  readonly telepathCompare?: { readonly viewers: readonly PageViewer[]; isSettled(): boolean };
}

/** What a slide shows: its middle in mm from its upper left corner, CSS px per mm, turn. */
interface Seen {
  readonly x: number;
  readonly y: number;
  readonly pxPerMm: number;
  readonly degrees: number;
}

describe('comparing slides, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let folder: string;
  let url: string;
  let ids: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-compare-'));
    lab = await startTestLab();
    url = lab.service.url;
    ids = [];
    for (const mpp of mpps) {
      const out = join(folder, `${mpp}.svs`);
      const [width, height] = [768 / mpp, 512 / mpp];
      await makeSample({ width, height, out, layout: 'svs', seed: 3, mpp });
      const sent = { method: 'POST', body: await readFile(out) };
      ids.push(((await (await lab.as('lab')(`/slides?name=${mpp}.svs`, sent)).json()) as { id: string }).id);
    }
    await lab.service.intake.idle();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A window of somebody of the lab. */
  async function someone(viewport?: { width: number; height: number }): Promise<Visitor> {
    const visitor = await newVisitor(browser, viewport);
    const [name = '', value = ''] = lab.cookieOf('lab').split('=');
    await visitor.context.addCookies([{ name, value, url }]);
    return visitor;
  }

  async function open(page: Page, hash = ''): Promise<void> {
    await page.goto(`${url}/compare?slides=${ids.join()}&drawer=canvas${hash}`);
    await settle(page);
  }

  it('is reached from the list by the keyboard, and from the viewer', async () => {
    await using visitor = await someone();
    const { page, complaints } = visitor;
    await page.goto(`${url}/view/${ids[0]}`);
    await page.getByRole('button', { name: 'Compare with other slides' }).click();
    await page.getByRole('checkbox', { name: '0.25.svs', checked: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(new URL(page.url()).pathname).toBe(`/view/${ids[0]}`);

    await page.goto(url);
    await page.getByRole('button', { name: 'Compare' }).press('Enter');
    const picker = page.getByRole('dialog', { name: 'Compare slides' });
    await picker.getByRole('checkbox', { name: '0.25.svs' }).press('Space');
    await picker.getByRole('checkbox', { name: '0.5.svs' }).press('Space');
    expect(await barriers(page)).toEqual([]);
    await picker.getByRole('button', { name: 'Compare' }).press('Enter');
    await settle(page);
    const shown = new URL(page.url());
    expect(shown.pathname + shown.search).toBe(`/compare?slides=${ids.join()}`);
    expect(await page.getByRole('region', { name: 'Slide 2 of 2: 0.5.svs' }).isVisible()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('keeps slides of different resolution on the same millimetre and magnification', async () => {
    await using visitor = await someone();
    const { page } = visitor;
    await open(page);
    expect(near(...(await seenIn(page)))).toBe(true);

    // Zoomed and dragged with the mouse over the right, coarser slide.
    await page.mouse.move(1000, 400);
    await page.mouse.wheel(0, -600);
    await settle(page);
    await page.mouse.down();
    await page.mouse.move(880, 470, { steps: 5 });
    await page.mouse.up();
    await settle(page);
    const [a, b] = await seenIn(page);
    expect(Math.hypot(a.x - 0.384, a.y - 0.256)).toBeGreaterThan(0.02);
    expect(near(a, b)).toBe(true);

    // Choosing other slides and thinking better of it opens nothing anew.
    const firstViewer = async () =>
      await page.evaluate(
        () => (globalThis as unknown as Door).telepathCompare?.viewers[0] === Reflect.get(globalThis, 'kept'),
      );
    await page.evaluate(() =>
      Object.assign(globalThis, { kept: (globalThis as unknown as Door).telepathCompare?.viewers[0] }),
    );
    await page.getByRole('button', { name: 'Choose slides' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    expect(await firstViewer()).toBe(true);

    // By key and button, and turned.
    await page.keyboard.press('5');
    await page.keyboard.press('ArrowLeft');
    await settle(page);
    await page.keyboard.press('r');
    await settle(page);
    const turned = await seenIn(page);
    expect(turned[0]).toMatchObject({ pxPerMm: expect.closeTo(2000, 3) as number, degrees: 90 });
    expect(near(...turned)).toBe(true);
  });

  it('brings marked structures together by two points, nudges, and is sent as a link', async () => {
    await using visitor = await someone();
    const { page } = visitor;
    // The right slide lies turned by 10° and 0.03 mm off.
    await open(page, '#m=side&x=0.02&y=0.01&z=1500&r=0&a=0,0,0~0.03,-0.02,10');
    await page.keyboard.press('m');
    await page.getByText('Mark one structure in each slide').waitFor();
    await settle(page);
    const canvases = page.locator('.openseadragon-canvas');
    const boxes = await Promise.all([0, 1].map(async (n) => (await canvases.nth(n).boundingBox())!));
    const middles = boxes.map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }));
    const seen = await seenIn(page);
    const mark = async (n: number, [x, y]: readonly [number, number], view = seen[n]!) => {
      const way = wayTo(x, y, view);
      await page.mouse.click(middles[n]!.x + way.x, middles[n]!.y + way.y);
    };
    const structures = [
      [0.3, 0.2],
      [0.5, 0.33],
    ] as const;
    const [first, second] = structures;
    for (const n of [0, 1]) await mark(n, first);
    await page.getByText('To turn them too').waitFor();
    await settle(page);
    const moved = await seenIn(page);
    for (const n of [0, 1]) await mark(n, second, moved[n]);
    await page.getByText('Aligned by two structures').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await settle(page);

    const [a, b] = await seenIn(page);
    expect(a.degrees).toBeCloseTo(0, 6);
    for (const [x, y] of structures) {
      const [left, right] = [wayTo(x, y, a), wayTo(x, y, b)];
      expect(Math.hypot(left.x - right.x, left.y - right.y)).toBeLessThan(1);
    }

    // One slide alone, by a key, by as many pixels as were pressed.
    await page
      .getByRole('region', { name: /^Slide 2/ })
      .locator('.openseadragon-canvas')
      .focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+D');
    await settle(page);
    const [, nudged] = await seenIn(page);
    expect((b.x - nudged.x) * b.pxPerMm).toBeCloseTo(30, 0);
    await page.waitForTimeout(500);

    await using colleague = await someone();
    await colleague.page.goto(page.url());
    await settle(colleague.page);
    const there = await seenIn(colleague.page);
    const here = await seenIn(page);
    for (const n of [0, 1]) expect(near(there[n]!, here[n]!)).toBe(true);

    await page.getByRole('button', { name: 'Reset' }).click();
    await settle(page);
    expect(near(...(await seenIn(page)))).toBe(true);
  });

  it('lies one slide over the other: curtain and flicker', async () => {
    await using visitor = await someone();
    const { page, complaints } = visitor;
    await open(page, '#m=curtain&c=50&x=0&y=0&z=1000&r=0');
    const clip = { x: 800, y: 300, width: 300, height: 200 };
    const right = await decode(await page.screenshot({ clip }));
    const edge = page.getByRole('slider', { name: 'Curtain' });
    await edge.press('End');
    expect(await edge.getAttribute('aria-valuetext')).toBe('100 % 0.25.svs, 0 % 0.5.svs');
    const left = await decode(await page.screenshot({ clip }));
    // The same tissue at the same place, scanned by another objective: nearly the same, but not quite.
    expect(meanDifference(left, right)).toBeGreaterThan(0.3);
    expect(meanDifference(left, right)).toBeLessThan(14);
    await edge.press('Home');
    expect(meanDifference(await decode(await page.screenshot({ clip })), right)).toBe(0);
    expect(await barriers(page)).toEqual([]);

    // Dragged with the mouse, through the middle of the left slide.
    const box = (await edge.boundingBox())!;
    await page.mouse.move(box.x + 22, 450);
    await page.mouse.down();
    await page.mouse.move(720, 450, { steps: 4 });
    await page.mouse.up();
    expect(await edge.getAttribute('aria-valuenow')).toBe('50');

    await page.keyboard.press('v');
    await page.getByRole('button', { name: 'Stop' }).click();
    const shown = async () => await page.locator('.pane:not(.off) .caption .name').innerText();
    const before = await shown();
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await shown()).not.toBe(before);
    await page.locator('.openseadragon-canvas').first().focus();
    await page.keyboard.press('Space');
    const now = await shown();
    await page.keyboard.press('p');
    await page.waitForFunction(
      (name) => document.querySelector('.pane:not(.off) .caption .name')?.textContent !== name,
      now,
    );
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Slides' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('lets slides move apart and links them as they lie; fits a phone', async () => {
    await using visitor = await someone({ width: 390, height: 844 });
    const { page } = visitor;
    await open(page);
    expect(await overhang(page)).toBe(0);
    const boxes = await page
      .locator('.pane')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    expect(boxes[1]).toBeGreaterThan(boxes[0]! + 200);
    await page.getByRole('button', { name: 'Linked', exact: true }).click();
    await page.keyboard.press('ArrowRight');
    await settle(page);
    const [a, b] = await seenIn(page);
    expect(near(a, b)).toBe(false);
    await page.getByRole('button', { name: 'Not linked' }).click();
    await page.keyboard.press('ArrowDown');
    await settle(page);
    const [c, d] = await seenIn(page);
    expect(c.y).toBeGreaterThan(a.y);
    expect(d.x - c.x).toBeCloseTo(b.x - a.x, 4);
    expect(d.y).toBeCloseTo(c.y, 4);
    await page.getByRole('button', { name: 'Align' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await settle(page);
    expect(near(...(await seenIn(page)))).toBe(true);
    expect(await barriers(page)).toEqual([]);
  });

  it('offers the slides of a case, with block and stain', async () => {
    const asked = lab.as('lab');
    const made = await asked('/cases', { method: 'POST', body: JSON.stringify({ accession: 'C-1' }) });
    const { id } = (await made.json()) as { id: string };
    const slides = ids.map((slide, n) => ({ id: slide, block: 'A2', stain: n === 0 ? 'HE' : 'Ki-67' }));
    const put = await asked(`/cases/${id}/slides`, { method: 'PUT', body: JSON.stringify({ slides }) });
    expect(put.status).toBeLessThan(300);
    await using visitor = await someone();
    const { page } = visitor;
    await page.goto(`${url}/compare?case=${id}`);
    const picker = page.getByRole('dialog', { name: 'Compare slides' });
    await picker.getByRole('checkbox', { name: /Ki-67/ }).check();
    expect(await picker.getByRole('checkbox').count()).toBe(2);
    await picker.getByRole('checkbox', { name: /HE/ }).check();
    await picker.getByRole('button', { name: 'Compare' }).click();
    await settle(page);
    expect(new URL(page.url()).search).toBe(`?slides=${ids.toReversed().join()}&case=${id}`);
    await page.getByRole('region', { name: 'Slide 1 of 2: 0.5.svs, A2 · Ki-67' }).waitFor();
    await page.getByRole('button', { name: 'Back to the case' }).click();
    expect(new URL(page.url()).pathname).toBe(`/case/${id}`);
  });

  it('says which addresses it cannot follow', async () => {
    await using visitor = await someone();
    const { page } = visitor;
    await page.goto(`${url}/compare?slides=${ids[0]},${'f'.repeat(32)}`);
    await page.getByRole('heading', { name: 'One of these slides is not there' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.goto(`${url}/compare?slides=${ids[0]}`);
    await page.getByRole('dialog', { name: 'Compare slides' }).waitFor();
  });
});

/** From a pane's middle to where it shows a place of the tissue, mm. */
function wayTo(x: number, y: number, view: Seen): { x: number; y: number } {
  const [cos, sin] = [Math.cos((view.degrees * Math.PI) / 180), Math.sin((view.degrees * Math.PI) / 180)];
  const [right, down] = [(x - view.x) * view.pxPerMm, (y - view.y) * view.pxPerMm];
  return { x: right * cos - down * sin, y: right * sin + down * cos };
}

/** What both slides show now. */
async function seenIn(page: Page): Promise<[Seen, Seen]> {
  const views = await page.evaluate(() =>
    ((globalThis as unknown as Door).telepathCompare?.viewers ?? []).map(({ viewport }) => ({
      ...viewport.viewportToImageCoordinates(viewport.getCenter(true)),
      zoom: viewport.viewportToImageZoom(viewport.getZoom(true)),
      degrees: (viewport.getRotation(true) + 360) % 360,
    })),
  );
  const [a, b] = views.map(({ x, y, zoom, degrees }, n): Seen => {
    const mm = (mpps[n] ?? 1) / 1000;
    return { x: x * mm, y: y * mm, pxPerMm: zoom / mm, degrees };
  });
  if (a === undefined || b === undefined) throw new Error('the page compares no two slides');
  return [a, b];
}

/** Whether two slides show the same to a tenth of a µm. */
function near(a: Seen, b: Seen): boolean {
  const turn = Math.abs(a.degrees - b.degrees) % 360;
  return (
    Math.hypot(a.x - b.x, a.y - b.y) < 1e-4 &&
    Math.abs(a.pxPerMm / b.pxPerMm - 1) < 1e-4 &&
    Math.min(turn, 360 - turn) < 0.01
  );
}

/** Waits until all slides are sharp and nothing moves. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(isSettled, null, { timeout: 30_000 });
  await page.waitForTimeout(150);
  await page.waitForFunction(isSettled, null, { timeout: 30_000 });
}

/** Runs in the page. */
function isSettled(): boolean {
  return (globalThis as unknown as Door).telepathCompare?.isSettled() === true;
}
