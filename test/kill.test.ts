import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startCeph } from './ceph.ts';
import { untilState, type Running } from './end-to-end.ts';
import {
  look,
  lookAgainAndAgain,
  randomNumbers,
  sendAgainAndAgain,
  type Promises,
  type Specimen,
} from './kill-workload.ts';
import { childrenOf, newToken, startProgram, type Program } from './program.ts';
import { slidePath } from './shared-slides.ts';

/**
 * Processes to kill, and a quarter as many over Ceph; with those of upload-kill.test.ts a hundred. Fewer, for a quick
 * look: KILLS=20. The seed of a run is printed: SEED.
 */
const kills = Number(process.env['KILLS'] ?? 70);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Time after a kill until every process is there again and the service answers, ms, on a machine with nothing else to do. */
const longestMs = 10_000;
/** The same as a multiple of the time a process takes that does nothing: for machines that have. */
const longestInProcesses = 150;

const postgres = await startTestPostgres();
let folder: string;
let specimens: readonly Specimen[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-kill-'));
  const strips = join(folder, 'strips.tif');
  await makeSample({ width: 1536, height: 1536, out: strips, layout: 'deflate', seed: 6 });
  specimens = [
    {
      bytes: await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs')),
      picture: '/levels/0/1_1.jpg',
    },
    { bytes: await readFile(strips), picture: '/levels/0/1_1.jpg' },
  ];
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** A service whose processes are killed, and started again by itself or, all of them gone, by us. */
class Victim {
  readonly #env: Readonly<{ [name: string]: string }>;
  readonly #random: () => number;
  program: Program;
  kills = 0;
  longestMs = 0;
  /** Longest that a process took which does nothing, ms. */
  emptyProcessMs = 0;

  private constructor(program: Program, env: Readonly<{ [name: string]: string }>, random: () => number) {
    this.program = program;
    this.#env = env;
    this.#random = random;
  }

  static async start(env: Readonly<{ [name: string]: string }>, random: () => number): Promise<Victim> {
    return new Victim(await startProgram(['start'], env), env, random);
  }

  /** Kills one process, several, or all, at some moment, and waits until all are there again. */
  async kill(): Promise<void> {
    await sleep(this.#random() * 600);
    const children = await childrenOf(this.program.pid);
    const chosen = children.filter(() => this.#random() < 0.55);
    const began = performance.now();
    if (this.#random() < 0.06) await this.#killAll(children.map(({ pid }) => pid));
    else for (const { pid } of chosen) this.#end(pid);
    await this.#recovered(chosen.map(({ pid }) => pid));
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - began);
    await promisify(execFile)(process.execPath, ['-e', '0']);
    this.emptyProcessMs = Math.max(this.emptyProcessMs, performance.now() - now);
  }

  async #killAll(pids: readonly number[]): Promise<void> {
    for (const pid of [this.program.pid, ...pids]) this.#end(pid);
    await this.program.ended;
    this.program = await startProgram(['start'], { ...this.#env, PORT: new URL(this.program.url).port });
  }

  #end(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
      this.kills += 1;
    } catch {
      // Ended with the one before it.
    }
  }

  /** Resolves when others run in the place of those killed, and the service answers. */
  async #recovered(killed: readonly number[]): Promise<void> {
    for (;;) {
      const children = await childrenOf(this.program.pid);
      const areThere = children.length === 3 && !children.some(({ pid }) => killed.includes(pid));
      const answer = areThere
        ? await fetch(`${this.program.url}/readyz`).catch(() => undefined) // not yet
        : undefined;
      if (answer?.status === 200) return;
      await sleep(20);
    }
  }
}

/** Kills at least so many processes of a service while slides are sent, prepared and looked at. */
async function killThroughout(env: Readonly<{ [name: string]: string }>, atLeast: number) {
  const victim = await Victim.start(
    { TELEPATH_SAMPLE: 'false', TELEPATH_DATA: join(folder, 'data'), ...env },
    randomNumbers(seed),
  );
  try {
    const { DATABASE_URL: url } = env;
    const token = await newToken({ url, dataFolder: env['TELEPATH_DATA'] ?? join(folder, 'data') });
    const running: Running = { urls: [victim.program.url], token };
    const record: Promises = { promised: new Map(), broken: [], looks: 0 };
    const over = new AbortController();
    const clients = [
      sendAgainAndAgain(running, specimens, record, over.signal),
      sendAgainAndAgain(running, specimens.toReversed(), record, over.signal),
      lookAgainAndAgain(running, record, over.signal),
    ];
    while (victim.kills < atLeast) await victim.kill();
    over.abort();
    await Promise.all(clients);
    const last = performance.now();
    for (const [id, specimen] of record.promised) {
      await untilState(running, id, 'complete');
      await look(running, id, specimen, record);
    }
    const settledMs = performance.now() - last;
    return { victim, record, running, settledMs };
  } finally {
    await victim.program.stop();
  }
}

describe('processes that are killed at random moments', () => {
  it(
    'lose nothing acknowledged and show nothing half: own database and folder',
    { timeout: 600_000 },
    async () => {
      const { victim, record, settledMs } = await killThroughout({}, kills);
      console.log(
        `seed ${seed}: ${victim.kills} kills, ${record.promised.size} slides, ${record.looks} looks, ` +
          `longest recovery ${Math.round(victim.longestMs)} ms, all complete ${Math.round(settledMs)} ms after the last`,
      );
      expect(record.broken).toEqual([]);
      expect(record.promised.size).toBeGreaterThan(0);
      expect(record.looks).toBeGreaterThanOrEqual(record.promised.size);
      expect(victim.longestMs).toBeLessThan(Math.max(longestMs, longestInProcesses * victim.emptyProcessMs));
      const kept = new Set<string>();
      for (const id of record.promised.keys())
        kept.add(
          createHash('sha256')
            .update(await readFile(join(folder, 'data', 'objects', 'slides', id, 'original', '0')))
            .digest('hex'),
        );
      expect(kept.size).toBe(record.promised.size);
    },
  );

  it('nor over a bucket of Ceph and a PostgreSQL elsewhere', { timeout: 600_000 }, async () => {
    const ceph = await startCeph();
    try {
      const { victim, record } = await killThroughout(
        {
          DATABASE_URL: await postgres.newUrl(),
          TELEPATH_DATA: join(folder, 'ceph'),
          TELEPATH_STORE: `s3://${ceph.bucket}/lab`,
          TELEPATH_S3_ENDPOINT: ceph.endpoint,
          AWS_ACCESS_KEY_ID: ceph.accessKeyId,
          AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
        },
        Math.ceil(kills / 4),
      );
      console.log(`seed ${seed}: ${victim.kills} kills, ${record.promised.size} slides over Ceph`);
      expect(record.broken).toEqual([]);
      expect(record.promised.size).toBeGreaterThan(0);
    } finally {
      await ceph.stop();
    }
  });
});
