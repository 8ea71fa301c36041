import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm } from './page-visitor.ts';
import { settled } from './watched-frames.ts';

describe('what somebody has looked at, and what is beside it, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  beforeAll(async () => {
    lab = await startTestLab({ rendersAhead: false });
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());

  /** Signs in at a slide and waits for it. */
  async function opened(page: Page, email: string): Promise<void> {
    await page.goto(`${lab.service.url}/view/${lab.slides.own}?drawer=canvas`);
    await signInByForm(page, email, lab.password);
    await settled(page);
  }

  it('is kept only when they want it, from then on everywhere, and shown to them alone', async () => {
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    const kept: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/coverage') && request.method() === 'PUT') kept.push(request.url());
    });
    await opened(page, 'pathologist@own.example');
    await tool(page).click();
    expect(await choice(page).isChecked()).toBe(false);
    expect(await page.getByRole('meter').count()).toBe(0);
    await choice(page).check();
    await page.getByText('Tissue seen').waitFor();
    await page.keyboard.press('4');
    await settled(page);
    await page.waitForTimeout(1800);
    expect(await seenAt(page, '10×')).toBeGreaterThan(2);
    expect(await seenAt(page, '20×')).toBe(0);
    expect(await seenAt(page, '2.5×')).toBeGreaterThanOrEqual(await seenAt(page, '10×'));
    await page.getByLabel('Show it over the slide').check();
    expect(await paintedPart(page)).toBeGreaterThan(0.02);
    expect(await barriers(page)).toEqual([]);
    const before = await seenAt(page, '10×');
    const answered = page.waitForResponse(
      (answer) => answer.url().endsWith('/coverage') && answer.request().method() === 'PUT',
    );
    await page.getByRole('button', { name: 'Back to the slides' }).click();
    expect((await answered).status()).toBe(200);
    await page.goto(`${lab.service.url}/view/${lab.slides.own}?drawer=canvas`);
    await settled(page);
    await tool(page).click();
    await page.getByText('Tissue seen').waitFor();
    expect(await choice(page).isChecked()).toBe(true);
    await expect.poll(() => seenAt(page, '10×')).toBeGreaterThanOrEqual(before);
    expect(complaints).toEqual([]);

    await using colleague = await newVisitor(browser, { width: 390, height: 844 });
    await opened(colleague.page, 'lab@own.example');
    await tool(colleague.page).click();
    expect(await choice(colleague.page).isChecked()).toBe(false);
    expect(await overhang(colleague.page)).toBe(0);
    expect(await barriers(colleague.page)).toEqual([]);
  });

  it('stands beside the slides of its case, and leads from one to the next', async () => {
    const asked = lab.as('lab');
    const made = await asked('/cases', { method: 'POST', body: JSON.stringify({ accession: 'C-1' }) });
    const { id } = (await made.json()) as { id: string };
    const slides = [await lab.addSlide(), lab.slides.own].map((slide, n) => {
      return { id: slide, block: 'A2', stain: n === 0 ? 'HE' : 'Ki-67' };
    });
    const put = await asked(`/cases/${id}/slides`, { method: 'PUT', body: JSON.stringify({ slides }) });
    expect(put.status).toBeLessThan(300);
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await page.goto(`${lab.service.url}/view/${slides[0]?.id}?case=${id}&drawer=canvas`);
    await signInByForm(page, 'lab@own.example', lab.password);
    await settled(page);
    const tray = page.getByRole('navigation', { name: 'Slides of the case' });
    await tray.getByText('1 of 2').waitFor();
    expect(await tray.getByRole('link').allTextContents()).toEqual(['A2 · HE', 'A2 · Ki-67']);
    await page.getByRole('button', { name: 'Next slide' }).click();
    await tray.getByText('2 of 2').waitFor();
    await settled(page);
    expect(new URL(page.url()).pathname).toBe(`/view/${slides[1]?.id}`);
    expect(new URL(page.url()).searchParams.get('case')).toBe(id);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

const tool = (page: Page) => page.getByRole('button', { name: 'What I have looked at', exact: true });
const choice = (page: Page) => page.getByRole('switch', { name: 'Keep what I look at' });
const seenAt = async (page: Page, magnification: string) =>
  Number(await page.getByRole('meter', { name: `Seen at ${magnification} or more` }).getAttribute('value'));

/** Part of the layer over the slide that has colour. */
async function paintedPart(page: Page): Promise<number> {
  return await page.locator('canvas.coverage-heat').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas;
    const small = new OffscreenCanvas(100, 100).getContext('2d');
    if (small === null || width * height === 0) return 0;
    small.drawImage(canvas, 0, 0, 100, 100);
    const { data } = small.getImageData(0, 0, 100, 100);
    return data.filter((value, i) => i % 4 === 3 && value > 20).length / 10_000;
  });
}
