import type { Browser, Page } from 'playwright-core';
import Pdf from 'pdfkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm, type Visitor } from './page-visitor.ts';

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
    await page.getByRole('button', { name: 'Back to the slides' }).click();
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

  it('once the link is withdrawn it is gone at once', async () => {
    const labs = asking.page;
    await labs.getByTestId('case').first().getByRole('link').click();
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
});
