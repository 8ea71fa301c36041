import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import Pdf from 'pdfkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyReport } from '../src/cases/opinions/report-seal.ts';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm, type Visitor } from './page-visitor.ts';

const run = promisify(execFile);

/** A PDF of one page. */
async function pdfOf(text: string): Promise<Buffer> {
  const document = new Pdf();
  const parts: Buffer[] = [];
  document.on('data', (part: Buffer) => parts.push(part));
  document.text(text);
  document.end();
  await new Promise<void>((resolve) => document.on('end', resolve));
  return Buffer.concat(parts);
}

/** Keeps a picture of what is on the screen where somebody wants to look at it. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS'];
  if (folder === undefined) return;
  await page.screenshot({ path: `${folder}/${name}.png` });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}/${name}-phone.png`, fullPage: true });
  if (size !== null) await page.setViewportSize(size);
}

/** Draws with a tool by dragging from one place of the window to another. */
async function drawFrom(
  page: Page,
  tool: RegExp,
  [left, top]: readonly [number, number],
  [right, bottom]: readonly [number, number],
): Promise<void> {
  await page.getByRole('toolbar', { name: 'Draw and measure' }).getByRole('button', { name: tool }).click();
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.mouse.move((left + right) / 2, (top + bottom) / 2);
  await page.mouse.move(right, bottom);
  await page.mouse.up();
}

describe('a second opinion, from the question to the answer, in two real browsers', () => {
  let lab: TestLab;
  let browser: Browser;
  let url: string;
  let asking: Visitor;
  let answering: Visitor;
  let link = '';
  beforeAll(async () => {
    lab = await startTestLab();
    url = lab.service.url;
    browser = await startBrowser();
    asking = await newVisitor(browser);
    answering = await newVisitor(browser);
  });
  afterAll(async () => await browser?.close());

  it('the laboratory begins a case, puts in slides and a document, and is told what is missing', async () => {
    const { page } = asking;
    await lab.addSlide();
    await page.goto(`${url}/worklist`);
    await signInByForm(page, 'lab@own.example', lab.password);
    await page.getByText('No cases yet').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'New case' }).click();
    await page.getByText('Before you send it, it needs').waitFor();
    expect(await page.getByRole('button', { name: 'Send the case' }).isDisabled()).toBe(true);
    await page.getByLabel('Accession number').fill('S26-04711');
    await page.getByLabel('Pseudonym').fill('N-118');
    await page.getByLabel('Question').fill('Spitz tumour or melanoma?');
    await page.getByLabel('Specimen').fill('Skin excision, left upper back');
    await page.getByLabel('Your diagnosis so far').fill('Atypical Spitz tumour');
    await page.getByText('Patient: only for your laboratory').click();
    await page.getByLabel('Name', { exact: true }).fill('Jane Roe');
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add slides' }).click();
    const offered = page.getByRole('dialog').getByRole('checkbox');
    await offered.first().waitFor();
    await offered.nth(0).check();
    await offered.nth(1).check();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add 2 slides' }).click();
    await page.getByLabel('Block of slide 1').fill('A1');
    await page.getByLabel('Stain of slide 1').fill('HE');
    await page.getByLabel('Stain of slide 1').blur();
    await page.getByLabel('Block of slide 2').fill('A2');
    await page.getByLabel('Block of slide 2').blur();
    const report = await pdfOf('First report: atypical Spitz tumour.');
    await page.getByLabel('Documents to add').setInputFiles({
      name: 'first-report.pdf',
      mimeType: 'application/pdf',
      buffer: report,
    });
    await page.getByTestId('document').getByText('first-report.pdf').waitFor();
    await shot(page, 'case-draft');
    expect(await barriers(page)).toEqual([]);
    expect(asking.complaints).toEqual([]);
  });

  it('asks by a link with a passcode, and sends the case', async () => {
    const { page } = asking;
    await page.getByRole('button', { name: 'Ask …' }).click();
    await page.getByLabel(/Somebody without an account/).check();
    await page.getByLabel('Their name').fill('Prof. Ines Castro');
    await page.getByLabel('Their e-mail').fill('ines.castro@consult.example');
    await page.getByLabel('Passcode (optional)').fill('blue-otter');
    await shot(page, 'case-ask');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make the link' }).click();
    link = await page.getByLabel('Link', { exact: true }).innerText();
    expect(link).toMatch(/\/consult#[A-Za-z0-9_-]{43}$/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('asked').getByText('Prof. Ines Castro').waitFor();
    const early = await newVisitor(browser);
    await early.page.goto(link);
    await early.page.getByText('This link does not work any more').waitFor();
    await early[Symbol.asyncDispose]();
    await page.getByRole('button', { name: 'Send the case' }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor();
    await shot(page, 'case-sent');
  });

  it('the consultant opens it without an account, reads, and sees no patient and no name of a file', async () => {
    const { page } = answering;
    await page.goto(link);
    await page.getByLabel('Passcode', { exact: true }).fill('wrong-passcode');
    await page.getByRole('button', { name: 'Open the case' }).click();
    await page.getByText('the passcode is wrong').waitFor();
    await page.getByLabel('Passcode', { exact: true }).fill('blue-otter');
    await shot(page, 'consult');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open the case' }).click();
    await page.getByText('Spitz tumour or melanoma?').waitFor();
    expect(page.url()).not.toContain('#');
    const text = await page.locator('body').innerText();
    expect(text).not.toContain('Jane Roe');
    expect(text).not.toContain('.svs');
    expect(await page.getByTestId('case-slide').allInnerTexts()).toEqual(['A1 · HE', 'A2']);
    await page.getByTestId('document').getByText('first-report.pdf').click();
    await page.getByRole('img', { name: /Page 1 of 1: First report: atypical Spitz tumour/ }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await shot(page, 'case-document');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Begin the review' }).click();
    await page.getByText('In review', { exact: true }).waitFor();
    await shot(page, 'case-guest');
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
    expect(answering.complaints).toEqual([]);
  });

  it('they speak about a place on a slide', async () => {
    const { page } = answering;
    await page.getByRole('link', { name: 'Open A1 · HE' }).click();
    await page.waitForFunction(() => window.telepath?.isSettled() === true);
    await page.getByRole('button', { name: 'Case', exact: true }).click();
    await page.getByLabel('Message', { exact: true }).fill('Is there a Ki-67 of this block?');
    await page.getByLabel('Mark what I am looking at').check();
    await page.getByRole('button', { name: 'Send message' }).click();
    await page.getByTestId('message').getByText('Is there a Ki-67').waitFor();
    await shot(page, 'viewer-case');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to the case' }).click();
    await page.getByRole('heading', { name: /S26-04711/ }).waitFor();
    const labs = asking.page;
    await labs
      .getByTestId('message')
      .getByRole('link', { name: 'Show on A1 · HE' })
      .waitFor({ timeout: 15_000 });
    await labs.goto(`${url}/worklist`);
    await labs.getByTestId('case').getByText('S26-04711').waitFor();
    await shot(labs, 'worklist');
    expect(await barriers(labs)).toEqual([]);
    expect(await overhang(labs)).toBeLessThanOrEqual(0);
  });

  it('the consultant compares the slides, measures and draws', async () => {
    const { page } = answering;
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByLabel(/^Slide 2 of 2/).waitFor();
    await page.getByRole('button', { name: /^Back/ }).click();
    await page.getByRole('link', { name: 'Open A1 · HE' }).click();
    await page.waitForFunction(() => window.telepath?.isSettled() === true);
    await page.getByRole('button', { name: 'Draw and measure' }).click();
    await drawFrom(page, /^Ruler/, [600, 400], [800, 400]);
    await drawFrom(page, /^Rectangle/, [560, 450], [760, 560]);
    await page.getByRole('button', { name: 'Annotations' }).click();
    await page
      .getByText(/\d (mm|µm)\b/)
      .first()
      .waitFor();
    await page.getByTestId('save-note').and(page.locator('.saved')).first().waitFor();
    await shot(page, 'viewer-marks');
    await page.getByRole('button', { name: /^Back/ }).click();
  });

  it('the consultant writes and signs, proving once more who they are', async () => {
    const { page } = answering;
    await page.getByLabel('Diagnosis', { exact: true }).fill('Atypical Spitz tumour, completely excised.');
    await page.getByLabel('Microscopy').fill('Symmetrical melanocytic lesion with maturation.');
    await page.getByRole('radio', { name: /^Agrees/ }).check();
    await page.getByText(/^Draft saved/).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign the opinion …' }).click();
    await page.getByLabel('Passcode', { exact: true }).fill('blue-otter');
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('link', { name: 'Report (PDF)' }).waitFor();
    await shot(page, 'case-signed');
    expect(answering.complaints).toEqual([]);
  });

  it('the laboratory reads the report, asks again, and gets an amended opinion', async () => {
    const { page, context } = asking;
    await page.getByTestId('case').first().getByRole('link').click();
    const report = page.getByRole('link', { name: 'Report (PDF)' });
    await report.waitFor({ timeout: 30_000 });
    const bytes = await (await context.request.get(url + (await report.getAttribute('href')))).body();
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(verifyReport(bytes)).toMatchObject({ isValid: true });
    await page.getByRole('button', { name: 'Amend the question …' }).click();
    await page
      .getByLabel('Question', { exact: true })
      .fill('Spitz tumour or melanoma? The margin is asked for, too.');
    await page.getByRole('button', { name: 'Amend', exact: true }).click();
    await page.getByText('The margin is asked for, too.').first().waitFor();
    await page.getByRole('button', { name: 'Ask again …' }).click();
    await page.getByLabel('Why?').fill('Please say how far the margin is.');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('asked again').waitFor();

    const consultants = answering.page;
    await consultants.getByText('The margin is asked for, too.').first().waitFor({ timeout: 30_000 });
    await consultants.getByLabel('Comment').fill('The margin is 4 mm.');
    await consultants.getByText(/^Draft saved/).waitFor();
    await consultants.getByRole('button', { name: /^Sign the/ }).click();
    await consultants.getByLabel('Why the opinion is amended').fill('The margin was asked for.');
    await consultants.getByLabel('Passcode', { exact: true }).fill('blue-otter');
    await consultants.getByRole('button', { name: 'Sign', exact: true }).click();
    await consultants.getByText('Amended: The margin was asked for.').waitFor();
    await page.getByText('Amended: The margin was asked for.').waitFor({ timeout: 30_000 });
    expect(await barriers(page)).toEqual([]);
    await shot(page, 'case-answered');
  });

  it('once the link is withdrawn it is gone at once', async () => {
    const labs = asking.page;
    await labs.getByRole('button', { name: 'Withdraw from Prof. Ines Castro' }).click();
    await labs.getByTestId('asked').getByText('withdrawn').waitFor();
    const { page, context } = answering;
    const tile = await context.request.get(`${url}/slides/${lab.slides.own}/thumbnail.jpg?width=64`);
    expect(tile.status()).toBe(401);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Spitz');
    await page.goto(link);
    await page.getByText('This link does not work any more').waitFor();
  });

  it('the case is exported, verified, and imported by another laboratory', async () => {
    const { page } = asking;
    await page.getByRole('button', { name: 'Export …' }).click();
    expect(await barriers(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('link', { name: 'Download' }).click(),
    ]);
    const path = await download.path();
    const { stdout } = await run(process.execPath, ['src/cli.ts', 'verify', path]);
    expect(stdout).toMatch(/every other byte, are as they were signed/);
    await using elsewhere = await newVisitor(browser);
    await elsewhere.page.goto(`${url}/worklist`);
    await signInByForm(elsewhere.page, 'pathologist@other.example', lab.password);
    await elsewhere.page.getByRole('button', { name: 'Import a case …' }).click();
    await elsewhere.page.locator('input[type=file]').setInputFiles(path);
    await elsewhere.page.getByRole('button', { name: 'Import', exact: true }).click();
    await elsewhere.page.getByRole('link', { name: 'Open the case' }).click();
    await elsewhere.page.getByText(/^Signed elsewhere by Prof. Ines Castro.*version 2/).waitFor();
    expect(await elsewhere.page.locator('body').innerText()).not.toContain('Jane Roe');
    expect(elsewhere.complaints).toEqual([]);
  });
});
