import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm } from './page-visitor.ts';

/** What of the overview is compared with the page. */
interface Overview {
  readonly steps: readonly { readonly at: string; readonly tiles: Readonly<Record<string, number>> }[];
  readonly processes: readonly { readonly pid: number; readonly host: string }[];
  readonly storage: { readonly slides: number };
}

describe('the operator’s page, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let load: AsyncDisposable;
  beforeAll(async () => {
    lab = await startTestLab();
    browser = await startBrowser();
    load = tileLoad(lab);
  });
  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await browser?.close();
  });

  async function opened(page: Page, role = 'operator'): Promise<void> {
    await page.goto(`${lab.service.url}/operation`);
    await signInByForm(page, `${role}@own.example`, lab.password);
  }

  it('draws what is done now, and says it in words that match the numbers', async () => {
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await opened(page);
    await page.getByRole('heading', { name: 'Operation' }).waitFor();
    const plots = page.getByTestId('plot');
    await expect.poll(() => plots.count()).toBe(9);
    const tiles = page.getByRole('img', { name: /^Tiles sent: / });
    await expect
      .poll(() => tiles.getAttribute('aria-label'), { timeout: 30_000 })
      .toMatch(/ to [1-9][\d\u202f]*(\.\d)?\/s\.$/);
    // What did not happen is a line at zero; what was sent is an area.
    const undrawn = async () =>
      Object.entries(await drawnPixels(page)).flatMap(([title, pixels]) =>
        pixels < (title === 'Tiles sent' ? 300 : 1) ? [title] : [],
      );
    await expect.poll(undrawn, { timeout: 30_000 }).toEqual([]);

    await tiles.focus();
    await page.keyboard.press('End');
    const now = page.getByTestId('plot').filter({ has: tiles }).locator('.plot-now');
    await expect.poll(() => now.innerText()).toContain(' · ');
    const said = (await now.innerText()).replace(/.* · /, '');
    const { steps, processes, storage } = (await (
      await lab.as('operator')('/operation.json')
    ).json()) as Overview;
    const rates = steps.map(({ tiles: all }) => Object.values(all).reduce((sum, n) => sum + n, 0) / 5);
    const shown = Number(/^([\d.\u202f]+)\/s/.exec(said)?.[1]?.replace('\u202f', ''));
    expect(rates.some((rate) => Math.abs(rate - shown) <= 0.5)).toBe(true);
    expect(shown).toBeGreaterThan(1);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowRight');

    const line = page.getByTestId('process').first();
    expect(await line.innerText()).toContain(String(processes[0]?.pid));
    expect(await page.getByTestId('total Slides').innerText()).toContain(String(storage.slides));
    expect(await page.getByTestId('health').innerText()).toContain('All is well.');
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    expect(complaints).toEqual([]);
  }, 90_000);

  it('asks only for what is new, and nothing while it is hidden', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/operation.json')) asked.push(request.url());
    });
    await opened(page);
    await expect.poll(() => asked.length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(asked[0]).not.toContain('since');
    expect(asked.at(-1)).toContain('since=2');
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    const before = asked.length;
    await sleep(7000);
    expect(asked.length).toBe(before);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: false, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expect.poll(() => asked.length).toBe(before + 1);
  }, 60_000);

  it('fits a phone, in the dark, too', async () => {
    await using visitor = await newVisitor(browser, { width: 390, height: 844 });
    const { page } = visitor;
    await page.emulateMedia({ colorScheme: 'dark' });
    await opened(page);
    await page.getByTestId('health').waitFor();
    expect(await overhang(page)).toBe(0);
    expect(await barriers(page)).toEqual([]);
  }, 60_000);

  it('says why when the service says no: lab staff are no operators', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await opened(page, 'lab');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('cannot show what the service does');
    expect(await page.getByTestId('plot').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Operation' }).count()).toBe(0);
  }, 60_000);
});

/** Asks for tiles of a slide again and again, until it is disposed of. */
function tileLoad(lab: TestLab): AsyncDisposable {
  const ask = lab.as('lab');
  const over = new AbortController();
  const run = async () => {
    for (let i = 0; !over.signal.aborted; i++) {
      const level = 7 + (i % 5);
      await (await ask(`/slides/${lab.slides.own}_files/${level}/0_0.jpg`)).arrayBuffer();
      await sleep(20);
    }
  };
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await running;
    },
  };
}

/** Of each plot, how many pixels have a colour of their own: lines and areas, not axes and words. */
async function drawnPixels(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(() => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- runs in the page, which knows nothing outside it
    const coloured = (canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let count = 0;
      for (let i = 0; i < pixels.length; i += 4) {
        const [r = 0, g = 0, b = 0, a = 0] = pixels.slice(i, i + 4);
        if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 80) count++;
      }
      return count;
    };
    const all = [...document.querySelectorAll('[data-testid="plot"]')].map((plot) => {
      const canvas = plot.querySelector('canvas');
      return [plot.querySelector('figcaption')?.textContent ?? '', canvas === null ? 0 : coloured(canvas)];
    });
    return Object.fromEntries(all) as Record<string, number>;
  });
}
