import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../src/core/ids.ts';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';

describe('the list of very many slides', { timeout: 120_000 }, () => {
  let lab: TestLab;
  let browser: Browser;
  beforeAll(async () => {
    lab = await startTestLab();
    browser = await startBrowser();
    // All newer than the slide that was really taken in.
    for (let n = 0; n < 620; n += 1)
      await lab.service.catalogue.save({
        id: newId(),
        organisationId: lab.organisations.own.id,
        name: `block ${n} HE.svs`,
        state: { kind: 'complete' },
        addedAt: new Date(Date.UTC(2030, 0, 1) + n * 1000).toISOString(),
        bytes: 1e9,
        facts: { size: { width: 100_000, height: 80_000 }, vendor: n === 17 ? 'leica' : 'aperio' },
      });
  });
  afterAll(async () => await browser?.close());

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const [name = '', value = ''] = lab.cookieOf('lab').split('=');
    await context.addCookies([{ name, value, url: lab.service.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${lab.service.url}${path}`);
    return page;
  }

  it('shows the newest, and more when asked', async () => {
    const page = await open('/');
    const cards = page.getByTestId('slide');
    await cards.first().getByText('block 619 HE.svs').waitFor();
    expect(await cards.count()).toBe(60);
    await page.getByRole('button', { name: 'Show more' }).click();
    await cards.nth(119).getByText('block 500 HE.svs').waitFor();
    expect(await cards.count()).toBe(120);
    await page.context().close();
  });

  it('finds slides that are not shown, by name and by scanner, and says when there is none', async () => {
    const page = await open('/');
    const cards = page.getByTestId('slide');
    const search = page.getByRole('searchbox', { name: 'Search slides by name or scanner' });
    await search.fill('57 block');
    await cards.getByText('block 57 HE.svs').waitFor();
    // 57, 157, 257, 357, 457, 557 and 570 to 579.
    await expect.poll(() => cards.count()).toBe(16);
    await search.fill('leica');
    await cards.getByText('block 17 HE.svs').waitFor();
    await expect.poll(() => cards.count()).toBe(1);
    await search.fill('no such slide');
    await page.getByText('No slide matches “no such slide”.').waitFor();
    await search.fill('');
    await expect.poll(() => cards.count()).toBe(60);
    await page.context().close();
  });

  it('has the slides beside one that is far down the list', async () => {
    const page = await open(`/view/${lab.slides.own}`);
    const place = page.locator('.tray-place');
    await place.waitFor();
    expect(await place.locator('b').count()).toBe(0);
    await page.getByRole('button', { name: 'Slides', exact: true }).click();
    await page.locator('#tray-slides').getByText('block 0 HE.svs').waitFor();
    await page.context().close();
  });
});
