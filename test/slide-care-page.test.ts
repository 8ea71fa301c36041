import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, overhang, signInByForm } from './page-visitor.ts';

/** What the viewer offers to tests. */
interface TestDoor {
  readonly telepath: { isSettled(): boolean; failedTiles(): readonly unknown[] };
}

const phone = { width: 390, height: 844 };

describe('what is done with slides, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    lab = await startTestLab();
    url = lab.service.url;
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());

  /** Signs in and waits for the frame. */
  async function signedIn(page: Page, email: string, path = '/'): Promise<void> {
    await page.goto(url + path);
    await signInByForm(page, email, lab.password);
    await page.getByRole('button', { name: /: account$/ }).waitFor();
  }

  it('shares a slide with another organisation, which sees it, and stops that', async () => {
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await signedIn(page, 'lab@own.example');
    await card(page, lab.slides.own).waitFor();
    expect(await barriers(page)).toEqual([]);
    await choose(page, lab.slides.own, /^Share/);
    const name = page.getByLabel('Name of the organisation');
    await name.fill('No such hospital');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByText('There is no organisation called “No such hospital”').waitFor();
    await name.fill(lab.organisations.other.name);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const stop = page.getByRole('button', { name: `Stop sharing with ${lab.organisations.other.name}` });
    await stop.waitFor();
    expect(await barriers(page)).toEqual([]);

    await using elsewhere = await newVisitor(browser);
    await signedIn(elsewhere.page, 'lab@other.example');
    await card(elsewhere.page, lab.slides.own).getByText('Shared with you').waitFor();
    expect(await card(elsewhere.page, lab.slides.own).getByRole('button', { name: /^More/ }).count()).toBe(0);
    await stop.click();
    await stop.waitFor({ state: 'detached' });
    await elsewhere.page.reload();
    await card(elsewhere.page, lab.slides.other).waitFor();
    expect(await card(elsewhere.page, lab.slides.own).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('makes a link with which anybody views this slide and no other, and withdraws it', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, 'pathologist@own.example');
    await choose(page, lab.slides.own, /link/);
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await page.getByLabel('Link', { exact: true }).innerText();
    await page.getByRole('button', { name: 'Done' }).click();

    await using guest = await newVisitor(browser);
    await guest.page.goto(link);
    await guest.page.waitForFunction(() => (globalThis as unknown as TestDoor).telepath?.isSettled());
    const failed = await guest.page.evaluate(
      () => (globalThis as unknown as TestDoor).telepath.failedTiles().length,
    );
    expect(failed).toBe(0);
    await guest.page.getByRole('button', { name: 'Back to the slides' }).click();
    await guest.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await guest.page.goto(link.replace(lab.slides.own, lab.slides.other));
    await guest.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();

    await choose(page, lab.slides.own, /link/);
    await page.getByRole('button', { name: /^Withdraw/ }).click();
    await page.getByRole('button', { name: /^Withdraw/ }).waitFor({ state: 'detached' });
    await expect
      .poll(async () => (await fetch(link.replace('/view/', '/slides/').replace('?', '.json?'))).status, {
        timeout: 15_000,
      })
      .toBe(401);
  });

  it('makes a file of a slide, gives it, and deletes it', async () => {
    await using visitor = await newVisitor(browser, phone);
    const { page, complaints } = visitor;
    await lab.service.jobs.idle();
    await signedIn(page, 'pathologist@own.example');
    await choose(page, lab.slides.own, /^Export/);
    await page.getByLabel(/^Deep Zoom/).check();
    await page.getByRole('button', { name: 'Make the file' }).click();
    const download = page.getByRole('link', { name: 'Download Deep Zoom (SZI)' });
    await download.waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    const fetching = page.waitForEvent('download');
    await download.click();
    const file = await fetching;
    expect(file.suggestedFilename()).toBe('a.szi');
    expect((await readFile(await file.path())).subarray(0, 2).toString()).toBe('PK');
    await page.getByRole('button', { name: 'Delete Deep Zoom (SZI)' }).click();
    await download.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('deletes a slide, takes it back by Undo, and restores it from the deleted slides', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, 'lab@own.example');
    const own = card(page, lab.slides.own);
    await choose(page, lab.slides.own, 'Delete');
    await own.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await own.waitFor();
    await choose(page, lab.slides.own, 'Delete');
    await own.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Deleted slides' }).click();
    await page.getByText(/Can be restored for \d+ days/).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: /^Restore/ }).click();
    await page.getByRole('heading', { name: 'No deleted slides' }).waitFor();
    await page.getByRole('link', { name: 'Slides', exact: true }).click();
    await own.waitFor();
  });

  it('destroys a slide only once its name was typed, and gives a certificate', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    const { id } = (await (
      await lab.as('lab')('/slides?name=to-destroy.svs', { method: 'POST', body: await anySlide(lab) })
    ).json()) as { id: string };
    await signedIn(page, 'administrator@own.example');
    await choose(page, id, 'Delete');
    await page.getByRole('link', { name: 'Deleted slides' }).click();
    await page.getByRole('button', { name: 'Destroy to-destroy.svs' }).click();
    const destroy = page.getByRole('button', { name: 'Destroy', exact: true });
    await page.getByLabel('Name of the slide').fill('to-destroy');
    expect(await destroy.isDisabled()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('Name of the slide').fill('to-destroy.svs');
    await destroy.click();
    const opening = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open the certificate' }).click();
    await (await opening).getByText(id).first().waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText(lab.organisations.own.name).last().waitFor();
    expect((await lab.as('lab')(`/slides/${id}.json`)).status).toBe(404);
  });

  it('tells an administrator who opened which slide, filters it, and gives it as a table', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await lab.as('pathologist')(`/slides/${lab.slides.own}.json`);
    await signedIn(page, 'administrator@own.example', '/admin/audit');
    const entries = page.getByTestId('audit-entry');
    const wanted = 'pathologist of the Own laboratory opened slide a.svs';
    await entries.filter({ hasText: wanted }).first().waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('What').selectOption({ label: 'sign-ins' });
    await entries.filter({ hasText: wanted }).first().waitFor({ state: 'detached' });
    await entries.filter({ hasText: 'administrator of the Own laboratory signed in' }).first().waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as a table' }).click();
    const table = await readFile(await (await saving).path(), 'utf8');
    expect(table).toContain('session.start');
    expect(table).not.toContain('slide.open');
    await page.getByLabel('Search the audit').fill('nothing has such a name');
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  });

  it('fits a phone on every page', async () => {
    await using visitor = await newVisitor(browser, phone);
    const { page } = visitor;
    await signedIn(page, 'administrator@own.example');
    for (const path of ['/', '/my-account', '/admin/people', '/admin/audit', '/admin/deleted-slides']) {
      await page.goto(url + path);
      await page.locator('main:not([aria-busy="true"])').waitFor();
      expect(await overhang(page), path).toBeLessThanOrEqual(0);
      expect(await barriers(page), path).toEqual([]);
    }
  });

  it('says that it is offline, and goes on when the network is back', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page, 'administrator@own.example', '/admin/people');
    await page.getByTestId('person').first().waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Slides', exact: true }).click();
    await page.getByText('You are offline.').waitFor();
    expect(await page.getByRole('heading', { name: 'Sign in' }).count()).toBe(0);
    await context.setOffline(false);
    await card(page, lab.slides.own).waitFor();
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
  });
});

/** The bytes of a slide of the lab. */
async function anySlide(lab: TestLab): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(`${lab.folder}/objects/slides/${lab.slides.own}/original/0`));
}

/** The card of a slide, whatever others are called. */
function card(page: Page, id: string): Locator {
  return page.getByTestId('slide').filter({ has: page.locator(`a[href="/view/${id}"]`) });
}

/** Chooses from the menu of a slide's card. */
async function choose(page: Page, id: string, item: string | RegExp): Promise<void> {
  await card(page, id)
    .getByRole('button', { name: /^More for/ })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}
