import { mkdir } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';

/**
 * Takes the pictures of docs/pages/ anew: every page of a service with nothing but the demonstration, wide and narrow.
 *
 * `npm start` in an empty data folder, then `node test/screenshots.ts http://localhost:8080`.
 */
const [url = 'http://localhost:8080'] = process.argv.slice(2);
const folder = new URL('../docs/pages/', import.meta.url).pathname;
const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
const page = await browser.newPage({ viewport: sizes.wide });

/** Keeps what is on the screen, in both sizes, as JPEG. */
async function keep(name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(700);
    const picture = await page.screenshot();
    await sharp(picture).jpeg({ quality: 72, mozjpeg: true }).toFile(`${folder}${name}-${size}.jpg`);
  }
  await page.setViewportSize(sizes.wide);
}

/** Waits until every tile in view is drawn. */
async function settled(of: Page): Promise<void> {
  await of.waitForFunction(() => window.telepath?.isSettled() === true, undefined, { timeout: 60_000 });
}

await page.goto(url);
await page.getByRole('button', { name: 'Look at the demo' }).waitFor();
await keep('sign-in');
await page.getByRole('button', { name: 'Look at the demo' }).click();
await page.getByTestId('case').first().waitFor();
await page.waitForLoadState('networkidle');
await keep('cases');
for (const [name, number] of [
  ['case-to-answer', 'N26-2207'],
  ['case-waiting', 'D26-1290'],
  ['case-answered', 'B26-0815'],
] as const) {
  await page.goto(`${url}/worklist`);
  await page.getByTestId('case').filter({ hasText: number }).getByRole('link').click();
  await page.getByTestId('message').first().waitFor();
  await page.waitForLoadState('networkidle');
  await keep(name);
}
await page.getByRole('region', { name: 'Second opinion' }).scrollIntoViewIfNeeded();
await keep('opinion');
await page.getByRole('button', { name: 'Export …' }).click();
await keep('case-export');
await page.keyboard.press('Escape');
await page.getByRole('button', { name: 'Ask …' }).click();
await keep('case-ask');
await page.keyboard.press('Escape');
await page.getByRole('link', { name: 'Compare' }).click();
await page.waitForLoadState('networkidle');
await keep('compare');
await page.goBack();
await page.getByTestId('case-slide').first().getByRole('link').click();
await settled(page);
await keep('viewer');
for (const [name, tool] of [
  ['viewer-case', 'Case'],
  ['viewer-image', 'Image'],
  ['viewer-annotations', 'Annotations'],
] as const) {
  await page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name: tool, exact: true }).click();
  await keep(name);
  await page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name: tool, exact: true }).click();
}
for (const [name, path] of [
  ['slides', '/'],
  ['account', '/my-account'],
  ['people', '/admin/people'],
  ['audit', '/admin/audit'],
  ['deleted-slides', '/admin/deleted-slides'],
  ['organisations', '/admin/organisations'],
  ['operation', '/operation'],
  ['verify', '/verify'],
  ['api', '/api'],
] as const) {
  await page.goto(url + path);
  await page.waitForLoadState('networkidle');
  await keep(name);
}
await browser.close();
