import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/**
 * Where Debian puts Chromium, best first; CHROMIUM names another. The shell is the same engine without the windows
 * around it: a page costs a fifth of the processor's time.
 */
const places = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Starts a real browser that talks to this machine only. @throws when it is not installed */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? places.find((place) => existsSync(place));
  if (executablePath === undefined || !existsSync(executablePath))
    throw new Error(
      `no browser at ${executablePath ?? places.join(' or ')}: apt-get install chromium-headless-shell, or set CHROMIUM`,
    );
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
