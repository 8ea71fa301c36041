import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { ask, send, untilState, type Running } from './end-to-end.ts';
import { childrenOf, newToken, startProgram, type Program } from './program.ts';
import { slidePath } from './shared-slides.ts';
import { startLoad } from './steady-load.ts';

let folder: string;
let program: Program;
let running: Running;
let slide: string;
const env = () => ({ TELEPATH_DATA: folder, TELEPATH_SAMPLE: 'false' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-processes-'));
  program = await startProgram(['start'], { ...env(), LOG_LEVEL: 'info' });
  running = { urls: [program.url], token: await newToken({ dataFolder: folder }) };
  slide = await send(running, 0, slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
  await untilState(running, slide, 'complete');
});
afterAll(async () => {
  await program?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers of the processes that do something, once there are as many as there should be. */
async function pidsOf(
  does: 'serve' | 'work',
  count: number,
  except: readonly number[] = [],
): Promise<number[]> {
  for (;;) {
    const pids = (await childrenOf(program.pid)).filter((one) => one.does === does).map(({ pid }) => pid);
    if (pids.length === count && !pids.some((pid) => except.includes(pid))) return pids;
    await sleep(20);
  }
}

/** Resolves when the log says something for the `count`-th time. */
async function logged(text: string, count: number): Promise<void> {
  while (program.output().split(text).length <= count) await sleep(20);
}

describe('telepath start', () => {
  it(
    'loses no request while its processes are replaced one by one, three times',
    { timeout: 180_000 },
    async () => {
      const headers = { Authorization: `Bearer ${running.token}` };
      const load = startLoad(new URL(`${program.url}/slides/${slide}/levels/0/1_1.jpg`), headers, 6, 2);
      for (let round = 1; round <= 3; round++) {
        const before = [...(await pidsOf('serve', 2)), ...(await pidsOf('work', 1))];
        const answered = load.answered();
        program.signal('SIGHUP');
        await logged('every process was replaced', round);
        const after = [...(await pidsOf('serve', 2)), ...(await pidsOf('work', 1))];
        expect(after.filter((pid) => before.includes(pid))).toEqual([]);
        expect(load.answered()).toBeGreaterThan(answered);
      }
      const counts = await load.stop();
      expect(Object.keys(counts)).toEqual(['200']);
      expect(counts['200']).toBeGreaterThan(100);
    },
  );

  it.each(['serve', 'work'] as const)('starts a process that ends alone: %s', async (does) => {
    const count = does === 'serve' ? 2 : 1;
    const before = await pidsOf(does, count);
    const others = await pidsOf(does === 'serve' ? 'work' : 'serve', 3 - count);
    process.kill(before[0] ?? 0, 'SIGKILL');
    const after = await pidsOf(does, count, before.slice(0, 1));
    expect(after.filter((pid) => before.includes(pid))).toEqual(before.slice(1));
    expect(await pidsOf(does === 'serve' ? 'work' : 'serve', 3 - count)).toEqual(others);
    const id = await send(running, 0, slidePath('derived/image/open_cmu_1501x1500.png'));
    await untilState(running, id, 'complete');
  });

  it('ends in order within ten seconds: answers are finished, work is handed back, the database is last', async () => {
    const file = join(folder, 'strips.tif');
    await makeSample({ width: 8192, height: 8192, out: file, layout: 'deflate', seed: 5 });
    const id = await send(running, 0, file);
    await untilState(running, id, 'converting');
    const answer = await ask(running, 0, `/slides/${slide}/levels/0/1_1.jpg`);
    const began = performance.now();
    const ended = program.stop();
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    expect(await ended).toBe('exit code 0');
    expect(performance.now() - began).toBeLessThan(13_000);
    expect(await readdir(join(folder, 'postgres', 'data'))).not.toContain('postmaster.pid');
    program = await startProgram(['start'], env());
    running = { ...running, urls: [program.url] };
    await untilState(running, id, 'complete');
  });

  it('says why it does not start, and leaves nothing behind', async () => {
    const port = new URL(program.url).port;
    const other = await mkdtemp(join(tmpdir(), 'telepath-processes-'));
    const failed = startProgram(['start'], { TELEPATH_DATA: other, TELEPATH_SAMPLE: 'false', PORT: port });
    await expect(failed).rejects.toThrow(/exit code 1.*something else listens there; set PORT/s);
    expect(await readdir(join(other, 'postgres', 'data'))).not.toContain('postmaster.pid');
    await rm(other, { recursive: true });
  });
});
