import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { original, slideKey } from '../src/core/objects.ts';
import type { SlideState } from '../src/db/catalogue.ts';
import { startTestLab } from './lab.ts';
import { sharedSample } from './shared-sample.ts';

const lab = await startTestLab({ jobs: 1 });
const { service } = lab;
const { catalogue, jobs, store } = service;
/** 17 megapixels that must be converted. */
const strips = await sharedSample('deflate');

/** Sends a slide. @returns its id */
async function send(body: Buffer<ArrayBuffer>): Promise<string> {
  const answer = await lab.as('lab')('/slides?name=strips.tif', { method: 'POST', body });
  return ((await answer.json()) as { id: string }).id;
}

/** Sends a slide that must be converted. @returns its id */
const sendStrips = async () => await send(await readFile(strips));

async function stateOf(id: string): Promise<SlideState | undefined> {
  return (await catalogue.get(id))?.state;
}

/** Resolves when the slide is in a state of these kinds. */
async function until(id: string, ...kinds: SlideState['kind'][]): Promise<void> {
  for (;;) {
    const kind = (await stateOf(id))?.kind;
    if (kind !== undefined && kinds.includes(kind)) return;
    await sleep(20);
  }
}

const post = async (path: string) => (await lab.as('lab')(path, { method: 'POST' })).status;
const setUrgent = async (id: string, urgent: boolean) => {
  const init = { method: 'PUT', body: JSON.stringify({ urgent }) };
  return (await lab.as('lab')(`/slides/${id}/urgency`, init)).status;
};

/** Asks for something about a case. */
const askCase = async (method: string, path: string, body: object) => {
  const answer = await lab.as('lab')(path, { method, body: JSON.stringify(body) });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return (await answer.json()) as { id: string; version: number };
};

describe('jobs', () => {
  it('convert, then check a slide, which is complete then; progress only grows', async () => {
    const id = await sendStrips();
    const seen: number[] = [];
    for (let state = await stateOf(id); state?.kind === 'converting'; state = await stateOf(id)) {
      seen.push(state.progress);
      await sleep(10);
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await jobs.idle();
    expect(await stateOf(id)).toEqual({ kind: 'complete' });
    const { verification } = await service.library.open(id);
    expect(verification).toMatchObject({ state: 'checked', report: { damagedTotal: 0 } });
  });

  it('are cancelled: nothing is published, and the slide can be prepared later', async () => {
    const id = await sendStrips();
    await until(id, 'converting');
    expect(await post(`/slides/${id}/cancel`)).toBe(204);
    expect(await stateOf(id)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('cancelled') });
    await jobs.idle();
    expect(await stateOf(id)).toMatchObject({ kind: 'failed' });
    expect(await store.head(slideKey(id, 'index'))).toBeUndefined();
    expect(await post(`/slides/${id}/cancel`)).toBe(409);
    expect(await post(`/slides/${id}/retry`)).toBe(204);
    await jobs.idle();
    expect(await stateOf(id)).toEqual({ kind: 'complete' });
    expect(await post(`/slides/${id}/retry`)).toBe(409);
  });

  it('for urgent slides are marked as such', async () => {
    const id = await sendStrips();
    expect(await setUrgent(id, true)).toBe(204);
    const { slides } = (await (await lab.as('lab')('/slides')).json()) as {
      slides: { id: string; urgent: boolean }[];
    };
    expect(slides.filter(({ urgent }) => urgent).map((slide) => slide.id)).toEqual([id]);
    expect(await setUrgent(id, false)).toBe(204);
    expect((await catalogue.get(id))?.isUrgent).toBeUndefined();
    await jobs.idle();
  });

  it('go first for the slides of a case that is marked urgent, before or after they are put into it', async () => {
    const [before, after] = [await sendStrips(), await sendStrips()];
    const { id, version } = await askCase('POST', '/cases', {});
    const slide = { block: 'A1', stain: 'HE' };
    await askCase('PUT', `/cases/${id}/slides`, { slides: [{ id: before, ...slide }] });
    expect((await catalogue.get(before))?.isUrgent).toBeUndefined();
    await askCase('PATCH', `/cases/${id}`, { version: version + 1, isUrgent: true });
    expect((await catalogue.get(before))?.isUrgent).toBe(true);
    const slides = [before, after].map((one) => ({ id: one, ...slide }));
    await askCase('PUT', `/cases/${id}/slides`, { slides });
    expect((await catalogue.get(after))?.isUrgent).toBe(true);
    await jobs.idle();
  });

  it('are not repeated for a slide that never arrived', async () => {
    const id = await lab.addSlide();
    await jobs.idle();
    await catalogue.setState(id, { kind: 'failed', reason: 'for this test' });
    await store.delete(slideKey(id, original));
    expect(await post(`/slides/${id}/retry`)).toBe(409);
  });

  it('say why a slide cannot be prepared, after trying twice what may have been the decoder’s fault', async () => {
    // Its pixels are gone, but not the directory in front of them.
    const whole = await readFile(strips);
    const id = await send(whole.fill(0xaa, 1000, whole.length - 4000));
    await jobs.idle();
    expect(await stateOf(id)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('strips.tif'),
    });
  });
});
