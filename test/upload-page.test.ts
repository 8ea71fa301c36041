import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { startBrowser } from './browser.ts';
import { dropFiles, lineOf } from './drop-files.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { sharedSample } from './shared-sample.ts';

/** Slow enough for a person to press a button meanwhile, bytes a second. */
const slow = 400_000;

/** How long something is waited for on a machine that has much to do. */
const patience = { timeout: 20_000 };

describe('the page sends slides', { timeout: 180_000 }, () => {
  let lab: TestLab;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    lab = await startTestLab({ diskReserveBytes: 0 });
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'telepath-upload-page-'));
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A slide of four megabytes that was never sent before: bytes after its end make it another. */
  async function slideFile(name: string): Promise<string> {
    const path = join(folder, name);
    await copyFile(await sharedSample('svs'), path);
    await appendFile(path, name);
    return path;
  }

  async function openList(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
    const [name = '', value = ''] = lab.cookieOf('lab').split('=');
    await context.addCookies([{ name, value, url: lab.service.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    // Leaving while something is sent is asked about.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(lab.service.url);
    await page.getByRole('button', { name: 'Add slides' }).waitFor();
    return page;
  }

  /** Waits until a slide has come in whole. @returns its id */
  async function arrived(page: Page, name: string): Promise<string> {
    await row(page, name).waitFor({ state: 'detached', timeout: 50_000 });
    const link = card(page, name).getByRole('link');
    await link.waitFor();
    await expect
      .poll(async () => (await stateOf(idIn(await link.getAttribute('href')))).kind, patience)
      .toMatch(/viewable|complete/);
    return idIn(await link.getAttribute('href'));
  }

  async function stateOf(id: string): Promise<{ kind: string }> {
    const record = await lab.service.catalogue.get(id);
    if (record === undefined) throw new Error(`no slide ${id}`);
    return record.state;
  }

  /** SHA-256 of what the service keeps of a slide's file. */
  async function storedHash(id: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const bytes of await lab.service.store.stream(`slides/${id}/original/0`)) hash.update(bytes);
    return hash.digest('hex');
  }

  it('takes a dropped slide, byte for byte', async () => {
    const path = await slideFile('dropped.svs');
    const page = await openList();
    await dropFiles(page, [path]);
    const id = await arrived(page, 'dropped.svs');
    expect(await storedHash(id)).toBe(await fileHash(path));
    await page.context().close();
  });

  it('stops when told to, and goes on from there', async () => {
    const path = await slideFile('paused.svs');
    const page = await openList();
    const line = await lineOf(page);
    await line.slow(slow);
    await page.getByTestId('file').setInputFiles(path);
    await expect.poll(() => percent(page, 'paused.svs'), patience).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Pause paused.svs' }).click();
    await row(page, 'paused.svs').getByText('· paused').waitFor();
    const before = await percent(page, 'paused.svs');
    await page.waitForTimeout(1500);
    expect(await percent(page, 'paused.svs')).toBe(before);
    await line.free();
    const sent = countSent(page);
    await page.getByRole('button', { name: 'Resume paused.svs' }).click();
    const id = await arrived(page, 'paused.svs');
    const { size } = await stat(path);
    expect(sent()).toBeLessThan(size * (1 - before / 100) + 2_000_000);
    expect(await storedHash(id)).toBe(await fileHash(path));
    await page.context().close();
  });

  it('takes up after a reload, with the same file and with no other', async () => {
    const path = await slideFile('reloaded.svs');
    const other = await slideFile('other.svs');
    const page = await openList();
    const line = await lineOf(page);
    await line.slow(slow);
    await page.getByTestId('file').setInputFiles(path);
    await expect.poll(() => percent(page, 'reloaded.svs'), patience).toBeGreaterThan(10);
    await page.reload();
    const again = row(page, 'reloaded.svs');
    await again.getByText('sent before this page was opened').waitFor();
    await page.getByTestId('file-again').setInputFiles(other);
    await again.getByText('That was another file').waitFor();
    await line.free();
    await page.getByTestId('file-again').setInputFiles(path);
    const id = await arrived(page, 'reloaded.svs');
    expect(await storedHash(id)).toBe(await fileHash(path));
    expect(await page.getByTestId('slide').filter({ hasText: 'reloaded.svs' }).count()).toBe(1);
    await page.context().close();
  });

  it('knows in another tab what is sent already, and after a reload where a dropped file lay', async () => {
    const path = await slideFile('tabs.svs');
    const page = await openList();
    const line = await lineOf(page);
    await line.slow(slow);
    await dropFiles(page, [path]);
    await expect.poll(() => percent(page, 'tabs.svs'), patience).toBeGreaterThan(5);
    const other = await page.context().newPage();
    await other.goto(lab.service.url);
    await card(other, 'tabs.svs').waitFor(patience);
    expect(await other.getByTestId('upload').count()).toBe(0);
    await other.close();
    await page.reload();
    await row(page, 'tabs.svs').getByText('Go on with it').waitFor();
    await line.free();
    await row(page, 'tabs.svs').getByRole('button', { name: 'Resume' }).click();
    const id = await arrived(page, 'tabs.svs');
    expect(await storedHash(id)).toBe(await fileHash(path));
    await page.context().close();
  });

  it('waits for the network to come back', async () => {
    const path = await slideFile('cut.svs');
    const page = await openList();
    const line = await lineOf(page);
    await line.slow(slow);
    await page.getByTestId('file').setInputFiles(path);
    await expect.poll(() => percent(page, 'cut.svs'), patience).toBeGreaterThan(5);
    await line.cut();
    await row(page, 'cut.svs').getByText('No connection').waitFor();
    await page.waitForTimeout(1500);
    await line.free();
    const id = await arrived(page, 'cut.svs');
    expect(await storedHash(id)).toBe(await fileHash(path));
    await page.context().close();
  });

  it('gives a slide up: nothing of it stays', async () => {
    const path = await slideFile('cancelled.svs');
    const page = await openList();
    const line = await lineOf(page);
    await line.slow(slow);
    await page.getByTestId('file').setInputFiles(path);
    await expect.poll(() => percent(page, 'cancelled.svs'), patience).toBeGreaterThan(5);
    await card(page, 'cancelled.svs').waitFor();
    await page.getByRole('button', { name: 'Cancel cancelled.svs' }).click();
    await row(page, 'cancelled.svs').waitFor({ state: 'detached' });
    await card(page, 'cancelled.svs').waitFor({ state: 'detached' });
    const names = (await lab.service.catalogue.list()).map(({ name }) => name);
    expect(names).not.toContain('cancelled.svs');
    await page.context().close();
  });

  it('says what is wrong with what is no slide, and with an empty file', async () => {
    const text = join(folder, 'letter.txt');
    await writeFile(text, 'Dear colleague,\n'.repeat(100));
    const empty = join(folder, 'empty.svs');
    await writeFile(empty, '');
    const page = await openList();
    await page.getByTestId('file').setInputFiles([text, empty]);
    await row(page, 'empty.svs').getByText('The file is empty.').waitFor();
    await card(page, 'letter.txt').getByText('Needs attention').waitFor();
    await page.getByRole('button', { name: 'Dismiss empty.svs' }).click();
    await row(page, 'empty.svs').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('takes a folder, in which several files may be one slide', async () => {
    const found = join(folder, 'case 7');
    await mkdir(join(found, 'scan'), { recursive: true });
    await writeFile(join(found, 'scan.mrxs'), 'an MRXS is a JPEG, beside a folder');
    await writeFile(join(found, 'scan', 'Slidedat.ini'), '[GENERAL]');
    await writeFile(join(found, 'scan', 'Data0000.dat'), 'tiles');
    await writeFile(join(found, 'Thumbs.db'), 'litter');
    await makeSample({ width: 900, height: 700, out: join(found, 'beside.svs'), layout: 'svs', seed: 8 });
    const page = await openList();
    const announced: unknown[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/uploads'))
        announced.push(request.postDataJSON());
    });
    await dropFiles(page, [found]);
    await arrived(page, 'beside.svs');
    await card(page, 'scan.mrxs').waitFor();
    await row(page, 'scan.mrxs').waitFor({ state: 'detached' });
    expect(announced).toHaveLength(2);
    expect(announced).toContainEqual(
      expect.objectContaining({
        name: 'scan.mrxs',
        size: 48,
        files: [
          { path: 'scan.mrxs', size: 34 },
          { path: 'scan/Data0000.dat', size: 5 },
          { path: 'scan/Slidedat.ini', size: 9 },
        ],
      }),
    );
    await page.context().close();
  });

  it('knows a slide that is here already', async () => {
    const path = await slideFile('twin.svs');
    const page = await openList();
    await page.getByTestId('file').setInputFiles(path);
    const id = await arrived(page, 'twin.svs');
    const sent = countSent(page);
    await page.getByTestId('file').setInputFiles(path);
    await row(page, 'twin.svs').getByText('already here').waitFor();
    expect(await row(page, 'twin.svs').getByRole('link', { name: 'Open' }).getAttribute('href')).toBe(
      `/view/${id}`,
    );
    expect(sent()).toBe(0);
    expect((await lab.service.catalogue.list()).filter(({ name }) => name === 'twin.svs')).toHaveLength(1);
    await page.context().close();
  });
});

function idIn(href: string | null): string {
  const id = /^\/view\/([0-9a-f]{32})$/.exec(href ?? '')?.[1];
  if (id === undefined) throw new Error(`no slide in ${href}`);
  return id;
}

/** Counts the bytes of files that a page sends from now on. */
function countSent(page: Page): () => number {
  let bytes = 0;
  page.on('request', (request) => {
    if (request.method() === 'PATCH') bytes += request.postDataBuffer()?.length ?? 0;
  });
  return () => bytes;
}

const row = (page: Page, name: string) => page.getByTestId('upload').filter({ hasText: name });
const card = (page: Page, name: string) => page.getByTestId('slide').filter({ hasText: name });

/** Part of an upload that has arrived, as its row says. */
async function percent(page: Page, name: string): Promise<number> {
  return parseInt((await row(page, name).locator('.percent').textContent()) ?? '', 10);
}

async function fileHash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
