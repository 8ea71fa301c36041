import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab } from './lab.ts';
import { startTestHospital } from './oidc-provider.ts';
import { newVisitor } from './page-visitor.ts';

const hospital = await startTestHospital();
const lab = await startTestLab({
  oidc: { ...hospital, name: 'Hospital North', organisation: 'Own laboratory', creates: false, role: 'lab' },
});
hospital.openFor(lab.service.url);

describe('signing in at the hospital, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());

  /** Opens a slide, and signs in at the hospital instead of here. */
  async function signedInThere(email: string) {
    hospital.people.set(email, { email, email_verified: true, name: 'Somebody' });
    const visitor = await newVisitor(browser);
    const { page } = visitor;
    await page.goto(`${lab.service.url}/view/${lab.slides.own}`);
    await page.getByRole('button', { name: 'Sign in with Hospital North' }).click();
    await page.locator('input[name="login"]').fill(email);
    await page.locator('input[name="password"]').fill('any');
    await page.locator('[type="submit"]').click();
    await page.locator('[type="submit"]').click();
    return visitor;
  }

  it('leads back to the slide that was asked for', async () => {
    await using visitor = await signedInThere('pathologist@own.example');
    await visitor.page.getByRole('heading', { name: 'a.svs' }).waitFor();
    expect(new URL(visitor.page.url()).pathname).toBe(`/view/${lab.slides.own}`);
  });

  it('says when there is no account here', async () => {
    await using visitor = await signedInThere('stranger@own.example');
    await visitor.page.getByText('you have no account here yet').waitFor();
    expect(await visitor.page.getByTestId('slide').count()).toBe(0);
  });

  it('says when it went wrong there, and offers both ways again', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await page.goto(`${lab.service.url}/session/oidc/callback?error=access_denied&state=none`);
    await page.getByRole('alert').getByText('The sign-in at your hospital did not work').waitFor();
    expect(new URL(page.url()).search).toBe('?sign-in=failed');
    await page.getByRole('button', { name: 'Sign in with Hospital North' }).waitFor();
    await page.getByLabel('Password', { exact: true }).waitFor();
  });
});
