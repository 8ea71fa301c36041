import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { startBrowser } from './browser.ts';
import { startTestService } from './engine.ts';
import { barriers, newVisitor } from './page-visitor.ts';
import { slidePath } from './shared-slides.ts';

describe('files shown in place, in a real browser', () => {
  it('need no sign-in, and offer no account', async () => {
    await using service = await startTestService();
    const id = await service.view(slidePath('svs/CMU-1-Small-Region.svs'));
    const browser = await startBrowser();
    const { page, complaints } = await newVisitor(browser);
    await page.goto(service.url);
    await page.locator(`a[href="/view/${id}"]`).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.getByRole('button', { name: /: account$|^More for/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await browser.close();
  });
});

describe('a service with nothing but the demonstration, in a real browser', () => {
  let service: Service;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    const postgres = await startTestPostgres();
    folder = await mkdtemp(join(tmpdir(), 'telepath-demo-'));
    const config = readConfig({ TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' });
    service = await startService({ ...config, databaseUrl: await postgres.newUrl() });
    await service.identity?.firstStart.markDemo();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is looked at with one click', async () => {
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await page.goto(service.url);
    await page.getByRole('button', { name: 'Look at the demo' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Look at the demo' }).click();
    await page.getByRole('heading', { name: 'No cases yet' }).waitFor();
    await page.getByRole('link', { name: 'Operation' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('is not offered once the service is for use', async () => {
    const { identity } = service;
    const first = await identity?.accounts.byEmail('admin@localhost');
    if (identity === undefined || first === undefined) throw new Error('the service has no first account');
    await identity.accounts.choosePassword(first, 'quiet orange tractor moon');
    await using visitor = await newVisitor(browser);
    await visitor.page.goto(service.url);
    await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    expect(await visitor.page.getByRole('button', { name: 'Look at the demo' }).count()).toBe(0);
  });
});
