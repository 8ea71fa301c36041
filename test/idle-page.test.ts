import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, signInByForm } from './page-visitor.ts';

describe('the idle log-off, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    lab = await startTestLab();
    url = lab.service.url;
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());

  /** Signs in, with a clock that the test moves. */
  async function signedIn(page: Page, path = '/'): Promise<void> {
    await page.clock.install();
    await page.goto(url + path);
    await signInByForm(page, 'lab@own.example', lab.password);
    await page.getByRole('heading', { name: path === '/' ? 'Slides' : 'a.svs' }).waitFor();
  }

  /** What the service says to who has the browser's cookies. */
  async function status(context: BrowserContext): Promise<number> {
    return (await context.request.get(`${url}/slides`)).status();
  }

  it('warns a minute before, stays when asked to, and else signs out over the same view', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page, `/view/${lab.slides.own}`);
    await passes(page, 13);
    expect(await page.getByRole('dialog').count()).toBe(0);
    await passes(page, 1.2);
    await page.getByRole('dialog', { name: 'Are you still there?' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await passes(page, 10);
    expect(await page.getByRole('heading', { name: 'a.svs' }).isVisible()).toBe(true);
    await passes(page, 6);
    await page.getByText('signed out because the page was not used').waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
    expect(await status(context)).toBe(401);
    await signInByForm(page, 'lab@own.example', lab.password);
    await page.getByRole('heading', { name: 'a.svs' }).waitFor();
  });

  it('counts work in another tab', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page);
    await passes(page, 10);
    const other = await context.newPage();
    await other.goto(url);
    await other.getByRole('heading', { name: 'Slides' }).waitFor();
    await passes(page, 10);
    expect(await page.getByRole('heading', { name: 'Slides' }).isVisible()).toBe(true);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('hides the slides without the network, and does not show them when it is back', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page);
    await context.setOffline(true);
    await passes(page, 16);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.setOffline(false);
    await expect.poll(() => status(context)).toBe(401);
    expect(await page.getByTestId('slide').count()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('only locks the page while slides are sent, which arrive; then it signs out', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page);
    const line = await context.newCDPSession(page);
    const slow = (bytesPerSecond: number) =>
      line.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: bytesPerSecond,
      });
    await slow(20_000);
    const bytes = await readFile(`${lab.folder}/objects/slides/${lab.slides.own}/original/0`);
    await page.getByTestId('file').setInputFiles({
      name: 'overnight.svs',
      mimeType: 'application/octet-stream',
      buffer: Buffer.concat([bytes, Buffer.from('another file')]),
    });
    await page.getByText('overnight.svs').first().waitFor();
    await passes(page, 16);
    await page.getByText('Your slides go on being sent').waitFor();
    expect(await page.getByText('overnight.svs').count()).toBe(0);
    expect(await status(context)).toBe(200);
    await slow(-1);
    const settled = async () => {
      await page.clock.runFor(2000);
      return await status(context);
    };
    await expect.poll(settled, { timeout: 45_000, interval: 500 }).toBe(401);
    const stateOfSent = async () => {
      const { slides } = (await (await lab.as('lab')('/slides')).json()) as {
        slides: { name: string; state: { kind: string } }[];
      };
      return slides.find(({ name }) => name === 'overnight.svs')?.state.kind;
    };
    await expect.poll(stateOfSent, { timeout: 20_000 }).toMatch(/^(viewable|complete)$/);
  });
});

/** Lets time pass for the browser's pages: as on a computer that slept, then two seconds in full. */
async function passes(page: Page, minutes: number): Promise<void> {
  await page.clock.fastForward(minutes * 60_000 - 2000);
  await page.clock.runFor(2000);
}
