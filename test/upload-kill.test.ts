import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { slidePath } from './shared-slides.ts';
import { call, sendTus, type Started } from './upload-service.ts';

const postgres = await startTestPostgres();
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
const program = fileURLToPath(new URL('upload-process.ts', import.meta.url));
/** Uploads at work when the process is killed; each is cut at a point of its own. */
const senders = 4;
const kills = 12;
const pieceBytes = 200_000;

interface Slide {
  readonly id: string;
  readonly name: string;
  readonly state: { readonly kind: string; readonly isViewable?: boolean };
}

describe('a service that is killed again and again while slides are uploaded', () => {
  let folder: string;
  let databaseUrl: string;
  let process: ChildProcess | undefined;
  let url = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-kill-'));
    databaseUrl = await postgres.newUrl();
  });
  afterAll(async () => {
    await kill();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    const environment = { TELEPATH_DATA: folder, DATABASE_URL: databaseUrl, PORT: '0', LOG_LEVEL: 'fatal' };
    const child = spawn(globalThis.process.execPath, [program], {
      env: { ...globalThis.process.env, ...environment, TELEPATH_RENDER_AHEAD: 'false' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process = child;
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('listening ')) {
        url = line.slice(10);
        return;
      }
    throw new Error('the service did not start');
  }
  async function kill(): Promise<void> {
    const child = process;
    process = undefined;
    url = '';
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  it('loses nothing it acknowledged, shows nothing by halves, and goes on by itself', async () => {
    const sent = Array.from({ length: senders }, (_, i) => new Sender(() => url, i));
    const over = new AbortController();
    const work = sent.map(async (sender) => {
      while (!over.signal.aborted || sender.isUnderWay) await sender.step();
    });
    for (let i = 0; i < kills; i += 1) {
      await start();
      await expectWhole(url);
      await sleep(100 + Math.random() * 900);
      await kill();
    }
    await start();
    over.abort();
    await Promise.all(work);
    const done = sent.flatMap((sender) => sender.done);
    expect(sent.reduce((sum, sender) => sum + sender.cuts, 0)).toBeGreaterThanOrEqual(40);
    expect(done.length).toBeGreaterThanOrEqual(senders);
    const slides = await expectWhole(url);
    expect(slides.map(({ id }) => id).sort()).toEqual(done.map(({ id }) => id).sort());
    for (const { id, file } of done)
      expect((await readFile(join(folder, 'objects/slides', id, 'original/0'))).equals(file), id).toBe(true);
    expect(await readdir(join(folder, 'objects/uploads'))).toEqual([]);
    expect((await readdir(join(folder, 'objects/slides'))).sort()).toEqual(done.map(({ id }) => id).sort());
  }, 240_000);
});

/** Expects of every slide that is called viewable that it is. @returns all slides */
async function expectWhole(url: string): Promise<readonly Slide[]> {
  const { slides } = (await call<{ slides: Slide[] }>(`${url}/slides`, 'GET')).body;
  for (const { id, state } of slides) {
    expect(state.kind).not.toBe('failed');
    if (!['viewable', 'complete'].includes(state.kind)) continue;
    expect((await fetch(`${url}/slides/${id}/levels/0/0_0.jpg`)).status).toBe(200);
  }
  return slides;
}

/** Uploads one file after the other, as a patient client does. */
class Sender {
  readonly done: { readonly id: string; readonly file: Buffer }[] = [];
  /** Times that a request got no answer. */
  cuts = 0;
  readonly #url: () => string;
  readonly #name: string;
  #file = svs;
  #started: Started | undefined;
  /** Bytes that were acknowledged. */
  #acknowledged = 0;

  constructor(url: () => string, number: number) {
    this.#url = url;
    this.#name = `sender-${number}`;
  }

  get isUnderWay(): boolean {
    return this.#started !== undefined;
  }

  /** Does the next thing; when the service is gone, waits for it. */
  async step(): Promise<void> {
    const url = this.#url();
    if (url === '') return await sleep(5);
    try {
      await (this.#started === undefined ? this.#begin(url) : this.#goOn(url, this.#started));
    } catch (error) {
      if (!isCut(error)) throw error;
      this.cuts += 1;
      await sleep(5);
    }
  }

  async #begin(url: string): Promise<void> {
    this.#file = Buffer.concat([svs, Buffer.from(`${this.#name} ${this.done.length}`)]);
    this.#acknowledged = 0;
    // One whose answer was lost is found among what is unfinished.
    const { uploads } = (await call<{ uploads: (Started & { name: string })[] }>(`${url}/uploads`, 'GET'))
      .body;
    const mine = uploads.find(({ name }) => name === this.#fileName);
    const wanted = { name: this.#fileName, size: this.#file.length };
    this.#started = mine ?? (await call<Started>(`${url}/uploads`, 'POST', wanted)).body;
  }

  get #fileName(): string {
    return `${this.#name}-${this.done.length}.svs`;
  }

  async #goOn(url: string, { slideId, spans }: Started): Promise<void> {
    const span = url + (spans[0]?.url ?? '');
    const head = await sendTus(span, { method: 'HEAD' });
    expect(head.status).toBe(200);
    const offset = Number(head.headers.get('upload-offset'));
    expect(offset).toBeGreaterThanOrEqual(this.#acknowledged);
    if (offset === this.#file.length) return await this.#settle(url, slideId);
    const body = this.#file.subarray(offset, offset + pieceBytes);
    const answer = await sendTus(span, { method: 'PATCH', offset, body });
    expect(answer.status).toBe(204);
    this.#acknowledged = Number(answer.headers.get('upload-offset'));
  }

  async #settle(url: string, id: string): Promise<void> {
    const { state } = (await call<Started>(`${url}/uploads/${id}`, 'GET')).body;
    if (state !== 'done') return await sleep(20);
    this.done.push({ id, file: this.#file });
    this.#started = undefined;
  }
}

/** Whether a request failed because nobody was there. */
function isCut(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}
