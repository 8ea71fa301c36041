import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { slidePath } from './shared-slides.ts';

/** A running service, whatever it is made of. */
export interface Running {
  /** Of each process that answers; one and the same where they share a port. */
  readonly urls: readonly string[];
  readonly token: string;
}

const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const lzw = slidePath('derived/tiff/open_cmu_pyr_lzw.tif');

/** What the list and the description say of a slide, as far as it is looked at here. */
interface SlideJson {
  readonly state: { readonly kind: string; readonly reason?: string };
  readonly verification?: { readonly state: string };
}

/** Asks one of the processes, with a token. */
export async function ask(
  running: Running,
  n: number,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${running.token}`);
  const url = running.urls[n % running.urls.length] ?? '';
  return await fetch(url + path, { ...init, headers });
}

/** Asks every process until all of them say the same, for at most as long as each needs to notice. */
async function everyoneSays<T>(running: Running, say: (n: number) => Promise<T>, expected: T, ms: number) {
  const began = performance.now();
  for (;;) {
    const said = await Promise.all(running.urls.map(async (_, n) => await say(n)));
    if (said.every((one) => one === expected)) return;
    if (performance.now() - began > ms) expect(said).toEqual(said.map(() => expected));
    await sleep(20);
  }
}

/** Resolves when a slide is in a state of one of these kinds. */
export async function untilState(
  running: Running,
  id: string,
  ...kinds: readonly string[]
): Promise<SlideJson> {
  for (;;) {
    const answer = await ask(running, 0, `/slides/${id}.json`);
    expect(answer.status).toBe(200);
    const slide = (await answer.json()) as SlideJson;
    if (kinds.includes(slide.state.kind)) return slide;
    if (slide.state.kind === 'failed') throw new Error(slide.state.reason);
    await sleep(50);
  }
}

/** Sends a file by `POST /slides`. @returns the slide's id */
export async function send(running: Running, n: number, path: string): Promise<string> {
  const answer = await ask(running, n, '/slides?name=slide', { method: 'POST', body: await readFile(path) });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

/** Sends a file resumably, each part to another process. @returns the slide's id */
async function sendInParts(running: Running, path: string): Promise<string> {
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const body = JSON.stringify({ name: 'parts.svs', size: bytes.length, sha256 });
  const answer = await ask(running, 0, '/uploads', { method: 'POST', body });
  expect(answer.status).toBe(200);
  const { slideId, spans } = (await answer.json()) as { slideId: string; spans: [{ url: string }] };
  const part = Math.ceil(bytes.length / 5);
  for (let n = 0; n * part < bytes.length; n++) {
    const headers = {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': String(n * part),
      'Content-Type': 'application/offset+octet-stream',
    };
    const body = bytes.subarray(n * part, (n + 1) * part);
    const path = new URL(spans[0].url, 'http://localhost').pathname;
    const sent = await ask(running, n, path, { method: 'PATCH', headers, body });
    expect(sent.status).toBe(204);
  }
  return slideId;
}

/** SHA-256 of what one process answers. */
async function hashOf(running: Running, n: number, path: string): Promise<string> {
  const answer = await ask(running, n, path);
  if (answer.status !== 200) return `status ${answer.status}`;
  return createHash('sha256')
    .update(new Uint8Array(await answer.arrayBuffer()))
    .digest('hex');
}

/** Every process answers these paths with the same bytes. */
async function sameEverywhere(running: Running, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const hash = await hashOf(running, 0, path);
    expect(hash, path).toMatch(/^[0-9a-f]{64}$/);
    await everyoneSays(running, async (n) => await hashOf(running, n, path), hash, 0);
  }
}

/**
 * The life of slides from upload to deletion, as the users of any service see it, through all of its processes.
 *
 * What one process is told, all others know within a second, but for who may see a slide: five.
 */
export async function liveThroughIt(running: Running): Promise<void> {
  const whole = await sendInParts(running, svs);
  await untilState(running, whole, 'viewable', 'complete');
  await sameEverywhere(running, [`/slides/${whole}/levels/0/1_1.jpg`, `/slides/${whole}_files/9/0_0.jpg`]);

  const made = await send(running, 1, lzw);
  await untilState(running, made, 'viewable', 'complete');
  await sameEverywhere(running, [
    `/slides/${made}/levels/0/0_0.jpg`,
    `/slides/${made}/thumbnail.jpg?width=100`,
  ]);

  for (const id of [whole, made]) {
    await untilState(running, id, 'complete');
    const verified = async (n: number) =>
      ((await (await ask(running, n, `/slides/${id}.json`)).json()) as SlideJson).verification?.state;
    await everyoneSays(running, verified, 'whole', 1000);
  }

  const urgent = { method: 'PUT', body: JSON.stringify({ urgent: true }) };
  expect((await ask(running, 2, `/slides/${made}/urgency`, urgent)).status).toBe(204);
  expect((await ask(running, 1, `/slides/${made}/retry`, { method: 'POST' })).status).toBe(409);

  expect((await ask(running, 1, `/slides/${whole}`, { method: 'DELETE' })).status).toBe(204);
  const path = `/slides/${whole}/levels/0/1_1.jpg`;
  await everyoneSays(running, async (n) => (await ask(running, n, path)).status, 404, 6000);
}
