import { TOTP } from 'otpauth';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { startTestLab, type TestLab } from './lab.ts';
import { barriers, newVisitor, signInByForm } from './page-visitor.ts';

describe('accounts, in a real browser', () => {
  let lab: TestLab;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    lab = await startTestLab();
    url = lab.service.url;
    browser = await startBrowser();
  });
  afterAll(async () => await browser?.close());

  const administrator = 'administrator@own.example';

  /** Signs in and waits for the slides. */
  async function signedIn(page: Page, email: string, path = '/'): Promise<void> {
    await page.goto(url + path);
    await signInByForm(page, email, lab.password);
    await page.getByRole('button', { name: /: account$/ }).waitFor();
  }

  it('asks to sign in, says when that was wrong, and then shows what was asked for', async () => {
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await page.goto(`${url}/admin/people`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await signInByForm(page, administrator, 'not the password');
    expect(await page.getByRole('alert').innerText()).toContain('E-mail or password is wrong');
    await signInByForm(page, administrator, lab.password);
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/admin/people');
    expect(complaints).toEqual([]);
  });

  it('hides the slides at sign-out, from the back button too, and in every tab', async () => {
    await using visitor = await newVisitor(browser);
    const { page, context } = visitor;
    await signedIn(page, 'lab@own.example');
    await slides(page).first().waitFor();
    const other = await context.newPage();
    await other.goto(`${url}/view/${lab.slides.own}`);
    await other.getByTestId('tool-bar').or(other.locator('.tool-bar')).first().waitFor();
    await fromAccountMenu(page, 'Sign out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await slides(page).count()).toBe(0);
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.goBack();
    await page.goBack();
    await page.goto(`${url}/view/${lab.slides.own}`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
    expect((await context.request.get(`${url}/slides`)).status()).toBe(401);
  });

  it('takes a colleague from the one-time password to their own', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, administrator, '/admin/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByLabel('Name').fill('Dr. Ada Young');
    await page.getByLabel('E-mail').fill('ada.young@own.example');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const once = await page.getByLabel('One-time password', { exact: true }).innerText();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('person').filter({ hasText: 'Dr. Ada Young' }).waitFor();
    expect(await barriers(page)).toEqual([]);

    await using colleague = await newVisitor(browser);
    await colleague.page.goto(url);
    await signInByForm(colleague.page, 'ada.young@own.example', once);
    await colleague.page.getByRole('heading', { name: 'Choose your own password' }).waitFor();
    expect(await barriers(colleague.page)).toEqual([]);
    expect((await colleague.context.request.get(`${url}/slides`)).status()).toBe(403);
    const [fresh, again] = [/^New password$/, /^New password again$/].map((name) =>
      colleague.page.getByLabel(name),
    );
    await fresh?.fill('eleven char');
    expect(await colleague.page.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true);
    await fresh?.fill('quiet orange tractor moon');
    await again?.fill('quiet orange tractor moon');
    await colleague.page.getByRole('button', { name: 'Go on' }).click();
    await slides(colleague.page).first().waitFor();
    expect(await colleague.page.getByRole('link', { name: 'People' }).count()).toBe(0);
    await colleague.page.reload();
    await slides(colleague.page).first().waitFor();
  });

  it('keeps a colleague out who is disabled, and lets them in again by Undo', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, administrator, '/admin/people');
    const row = page.getByTestId('person').filter({ hasText: 'lab of the Own' });
    await row.getByRole('button', { name: /^Change/ }).click();
    await page.getByRole('menuitem', { name: 'Do not let sign in' }).click();
    await row.getByText('cannot sign in').waitFor();
    await using shutOut = await newVisitor(browser);
    await shutOut.page.goto(url);
    await signInByForm(shutOut.page, 'lab@own.example', lab.password);
    await shutOut.page.getByText('E-mail or password is wrong').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByText('cannot sign in').waitFor({ state: 'detached' });
    await signInByForm(shutOut.page, 'lab@own.example', lab.password);
    await slides(shutOut.page).first().waitFor();
  });

  it('shows an operator no slides, but the organisations, and adds one', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, 'operator@own.example');
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await slides(page).count()).toBe(0);
    await page.getByRole('link', { name: 'Organisations' }).click();
    await page.getByText(lab.organisations.other.name).waitFor();
    await page.getByRole('button', { name: 'Add an organisation' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Third laboratory');
    await page.getByLabel('Its administrator').fill('Dr. Third');
    await page.getByLabel('E-mail of the administrator').fill('third@third.example');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByLabel('One-time password', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Third laboratory').waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('asks administrators and operators to set up a second factor, until they put it off', async () => {
    await using pathologist = await newVisitor(browser);
    await signedIn(pathologist.page, 'pathologist@own.example');
    await slides(pathologist.page).first().waitFor();
    expect(await hint(pathologist.page).count()).toBe(0);
    await using operator = await newVisitor(browser);
    await signedIn(operator.page, 'operator@own.example');
    await hint(operator.page).getByText('You look after this service').waitFor();
    await using visitor = await newVisitor(browser);
    const { page, complaints } = visitor;
    await signedIn(page, administrator);
    await slides(page).first().waitFor();
    await hint(page).waitFor();
    expect(await barriers(page)).toEqual([]);
    await hint(page).getByRole('link', { name: 'Set up a second factor' }).click();
    await page.getByRole('heading', { name: 'Second factor off' }).waitFor();
    expect(await hint(page).count()).toBe(0);
    await page.goBack();
    await hint(page).getByRole('button', { name: 'Not now' }).click();
    await hint(page).waitFor({ state: 'detached' });
    await page.reload();
    await slides(page).first().waitFor();
    expect(await hint(page).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('sets up a second factor, and asks for it at the next sign-in', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, 'pathologist@own.example', '/my-account');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set up …' }).click();
    const secret = (await page.getByLabel('Key', { exact: true }).innerText()).replace(/\s/g, '');
    const app = new TOTP({ secret });
    await page.getByLabel('Code').fill(app.generate());
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByLabel('I have kept them').waitFor();
    const codes = await page
      .getByRole('list', { name: 'Recovery codes' })
      .getByRole('listitem')
      .allInnerTexts();
    expect(codes.length).toBeGreaterThan(5);
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'Second factor on' }).waitFor();

    await fromAccountMenu(page, 'Sign out');
    await signInByForm(page, 'pathologist@own.example', lab.password);
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The code is wrong or too old').waitFor();
    expect(await slides(page).count()).toBe(0);
    await page.getByRole('button', { name: /Use a recovery code/ }).click();
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await slides(page).first().waitFor();
  });

  it('makes a key for programs, shows it once, and revokes it', async () => {
    await using visitor = await newVisitor(browser);
    const { page } = visitor;
    await signedIn(page, 'lab@own.example', '/my-account');
    await page.getByRole('button', { name: 'Make a key …' }).click();
    await page.getByLabel('Name').fill('Scanner room 2');
    await page.getByLabel('View slides').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByLabel('Key', { exact: true }).innerText();
    await page.getByRole('button', { name: 'Done' }).click();
    const asProgram = () => fetch(`${url}/slides`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await asProgram()).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke Scanner room 2' }).click();
    await page.getByTestId('token').waitFor({ state: 'detached' });
    expect((await asProgram()).status).toBe(401);
  });
});

/** The cards of the slides. */
function slides(page: Page): Locator {
  return page.getByTestId('slide');
}

/** Chooses from the menu of the account. */
async function fromAccountMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /: account$/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

function hint(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Second factor' });
}
