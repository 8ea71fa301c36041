import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { post, startTestLab } from './lab.ts';
import { barriers, newVisitor } from './page-visitor.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, slides } = lab;
const browser = await startBrowser();
afterAll(async () => await browser.close());
const second = await lab.addSlide();
await service.intake.idle();

/** A sent case with two slides that the other lab's pathologist is asked about. @returns its id */
async function sentCase(): Promise<string> {
  const asLab = lab.as('lab');
  const answer = await asLab('/cases', post({ accession: 'S26-1', question: 'What is it?' }));
  const { id } = (await answer.json()) as { id: string };
  const list = [
    { id: slides.own, block: 'A1', stain: 'HE' },
    { id: second, block: 'A2', stain: 'HE' },
  ];
  await asLab(`/cases/${id}/slides`, { method: 'PUT', body: JSON.stringify({ slides: list }) });
  const rights = { showsPatient: false, mayAnswer: true };
  await asLab(`/cases/${id}/grants`, post({ kind: 'person', email: 'pathologist@other.example', ...rights }));
  await asLab(`/cases/${id}/state`, post({ to: 'sent' }));
  return id;
}

async function signIn(context: BrowserContext, cookie: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: service.url }]);
}

/** Opens a slide of the case and joins. */
async function joinAt(page: Page, slideId: string, caseId: string): Promise<void> {
  await page.goto(`${service.url}/view/${slideId}?case=${caseId}`);
  await page.getByRole('button', { name: /^Look together/ }).click();
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
}

const hashOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

describe('two people who look at a case together', () => {
  it('follow each other when they want to, over slides, see pointers, and are free again', async () => {
    const caseId = await sentCase();
    await using one = await newVisitor(browser);
    await using other = await newVisitor(browser, { width: 1000, height: 800 });
    await signIn(one.context, lab.cookieOf('lab'));
    await signIn(other.context, lab.cookieOf('pathologist', 'other'));
    await joinAt(one.page, slides.own, caseId);
    await joinAt(other.page, second, caseId);
    await one.page.getByText('pathologist of the Other laboratory').first().waitFor();
    await one.page.getByTestId('live').getByText('A2 · HE').waitFor();

    // Nothing moves before they say so.
    await one.page.getByRole('button', { name: 'Ask all to follow me' }).click();
    await other.page.getByText('lab of the Own laboratory asks you to follow them').first().waitFor();
    expect(other.page.url()).toContain(second);
    await other.page
      .getByRole('group', { name: 'Asked to follow' })
      .getByRole('button', { name: 'Follow' })
      .click();
    await other.page.waitForURL((url) => url.pathname === `/view/${slides.own}`);
    await other.page.getByRole('group', { name: 'Following' }).waitFor();

    await one.page.keyboard.press('ArrowRight');
    await one.page.keyboard.press('+');
    await expect
      .poll(() => [hashOf(one.page).get('x'), hashOf(other.page).get('x')], { timeout: 8000 })
      .toSatisfy(([x, y]) => x !== null && Math.abs(Number(x) - Number(y)) < 3);

    await one.page.mouse.move(400, 450);
    await one.page.mouse.move(420, 460);
    const pointer = other.page.locator('.live-pointer');
    await pointer.waitFor({ state: 'attached' });
    expect(await pointer.textContent()).toBe('lab of the Own laboratory');
    if (process.env['LIVE_SHOTS'] !== undefined) {
      await other.page.screenshot({ path: '/tmp/live-other.png' });
      await one.page.screenshot({ path: '/tmp/live-one.png' });
      await other.page.setViewportSize({ width: 390, height: 844 });
      await other.page.waitForTimeout(800);
      await other.page.screenshot({ path: '/tmp/live-phone.png' });
      await other.page.setViewportSize({ width: 1000, height: 800 });
      await other.page.waitForTimeout(800);
    }
    expect(await barriers(one.page)).toEqual([]);

    // Who moves by themself is not pulled back.
    await other.page.keyboard.press('ArrowLeft');
    await other.page.getByRole('group', { name: 'Following' }).waitFor({ state: 'detached' });
    await other.page.getByRole('button', { name: 'Leave' }).click();
    await one.page.getByText('You are the first.', { exact: false }).waitFor();
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });

  it('are told of a case by the bell', async () => {
    await service.postman?.look();
    await using one = await newVisitor(browser);
    await signIn(one.context, lab.cookieOf('pathologist', 'other'));
    await one.page.goto(service.url);
    await one.page.getByRole('button', { name: 'Notifications, 1 new' }).click();
    await one.page.getByRole('menuitem', { name: /asks for your opinion.*S26-1/ }).waitFor();
    if (process.env['LIVE_SHOTS'] !== undefined) await one.page.screenshot({ path: '/tmp/live-bell.png' });
    expect(await barriers(one.page)).toEqual([]);
    await one.page.getByRole('menuitem', { name: 'Mark all as read' }).click();
    await one.page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    if (process.env['LIVE_SHOTS'] !== undefined) {
      await one.page.setViewportSize({ width: 390, height: 844 });
      await one.page.getByRole('button', { name: 'Notifications', exact: true }).click();
      await one.page.screenshot({ path: '/tmp/live-bell-phone.png' });
    }
    expect(one.complaints).toEqual([]);
  });
});
