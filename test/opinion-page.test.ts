import sharp from 'sharp';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm } from './page-visitor.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, slides, organisations } = lab;
let browser: Browser;
let caseId: string;

beforeAll(async () => {
  browser = await startBrowser();
  caseId = await sentCase();
});
afterAll(async () => await browser?.close());

/** A case of the laboratory, sent to its pathologist. @returns its id */
async function sentCase(): Promise<string> {
  const { casework } = service;
  if (casework === undefined) throw new Error('a lab has cases');
  const author = { name: 'lab' };
  const { id } = await casework.cases.add(organisations.own.id, author, {
    accession: 'S26-04711',
    question: 'Spitz tumour or melanoma?',
    priorDiagnosis: 'Conventional Spitz naevus.',
  });
  await casework.slides.set(id, author, [{ id: slides.own, block: 'A2', stain: 'HE' }]);
  const rights = { showsPatient: false, mayAnswer: true };
  await casework.grants.add(id, author, { kind: 'person', email: 'pathologist@own.example', ...rights });
  await casework.cases.move(id, author, { to: 'sent', mover: 'lab' });
  return id;
}

/** Keeps a picture of the page, where somebody wants to look at it. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS'];
  if (folder === undefined) return;
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(300);
  expect(await overhang(page)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `${folder}/${name}-narrow.png`, fullPage: true });
  await page.setViewportSize({ width: 1440, height: 900 });
}

describe('a second opinion, in a real browser', () => {
  it('is kept while it is written, through a line that breaks, and signed; whoever holds the report verifies it', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context, complaints } = visitor;
    await page.goto(`${service.url}/case/${caseId}`);
    await signInByForm(page, 'pathologist@own.example', lab.password);
    const saved = page.getByText(/^Draft saved/);
    await page.getByLabel('Diagnosis', { exact: true }).fill('Atypical Spitz tumour, completely excised.');
    await saved.waitFor();
    await context.setOffline(true);
    await page.getByLabel('Microscopy').fill('Symmetrical melanocytic lesion with maturation.');
    await page.getByText('Not saved.').waitFor();
    await context.setOffline(false);
    await saved.waitFor();
    await page.getByRole('radio', { name: /Minor discrepancy/ }).check();
    await addFigure(page);
    await page.getByLabel('Figure 1: caption').fill('Junctional nests');
    await page.getByText('Not saved yet').waitFor();
    await saved.waitFor();
    await takeFigure(page);
    await page.goBack();
    await page.getByLabel('Figure 2: caption').waitFor();
    await page.getByRole('button', { name: 'Sign the opinion …' }).click();
    await page.getByText('Say where your opinion differs.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByLabel('Where it differs, and why it matters').fill('Atypical, not conventional.');
    expect(await barriers(page)).toEqual([]);
    await shot(page, 'editor');

    await page.getByRole('button', { name: 'Sign the opinion …' }).click();
    await page.getByLabel('Your password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('this is not the password of your account').waitFor();
    expect(await barriers(page)).toEqual([]);
    await shot(page, 'sign');
    await page.getByLabel('Your password', { exact: true }).fill(lab.password);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    const report = page.getByRole('link', { name: 'Report (PDF)' });
    await report.waitFor();
    expect(await barriers(page)).toEqual([]);
    await shot(page, 'signed');
    const path = await report.getAttribute('href');
    const bytes = await (await context.request.get(`${service.url}${path}`)).body();
    expect(complaints).toEqual([]);

    await using stranger = await newVisitor(browser);
    await stranger.page.goto(`${service.url}/verify`);
    const file = { name: 'report.pdf', mimeType: 'application/pdf', buffer: bytes };
    await stranger.page.locator('input[type=file]').setInputFiles(file);
    await stranger.page.getByRole('heading', { name: 'This report is valid' }).waitFor();
    expect(await barriers(stranger.page)).toEqual([]);
    await shot(stranger.page, 'verify');
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await stranger.page.locator('input[type=file]').setInputFiles({ ...file, buffer: bytes });
    await stranger.page.getByRole('heading', { name: 'Not valid' }).waitFor();
    expect(stranger.complaints).toEqual([]);
  });
});

/** Takes a snapshot in the viewer as a figure. */
async function takeFigure(page: Page): Promise<void> {
  await page.goto(`${service.url}/view/${slides.own}?case=${caseId}`);
  await page.getByRole('button', { name: /^Snapshot/ }).click();
  await page.getByRole('button', { name: 'Use as figure' }).click();
  await page.getByRole('button', { name: 'In your opinion' }).waitFor();
  await shot(page, 'snapshot');
  await page.getByRole('button', { name: /^Case/ }).click();
  await page.getByLabel('Figure 2: caption').waitFor();
  expect(await barriers(page)).toEqual([]);
  await shot(page, 'beside');
}

async function addFigure(page: Page): Promise<void> {
  const buffer = await sharp({ create: { width: 640, height: 400, channels: 3, background: '#d9a5c4' } })
    .png()
    .toBuffer();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Add a picture …' }).click(),
  ]);
  await chooser.setFiles({ name: 'nests.png', mimeType: 'image/png', buffer });
}
