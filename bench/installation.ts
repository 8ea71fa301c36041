import { openAsBlob } from 'node:fs';
import { copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signInAnew } from './accounts.ts';
import { measureCommand, startDaemon } from './command.ts';
import type { BenchOptions } from './options.ts';
import { cliPath, type Entry, ourEnvironment, slideJson, startTelepath, type OurService } from './service.ts';

type Environment = Readonly<Record<string, string>>;

/** What `telepath import` said of itself. */
export interface Imported {
  /** Files a second, as the command counts them. */
  readonly perSecond: number;
  readonly output: string;
}

/**
 * Telepath as a laboratory runs it: a database of its own, an account that has signed in, slides that belong to
 * somebody. Any number of services stand on it at once.
 */
export class Installation {
  readonly #env: Environment;
  readonly #folder: string;
  readonly #services: OurService[] = [];
  #headers: Entry | undefined;

  private constructor(folder: string, env: Environment) {
    this.#folder = folder;
    this.#env = { ...ourEnvironment, ...env, TELEPATH_DATA: folder, ...placesIn(folder, env) };
  }

  /** An empty one, in a folder that goes with it. @param env what all of its processes are told */
  static async create(
    { folder }: Pick<BenchOptions, 'folder'>,
    env: Environment = {},
  ): Promise<Installation> {
    return new Installation(await mkdtemp(join(folder, 'installation-')), env);
  }

  /** What its processes are told. */
  get environment(): Environment {
    return this.#env;
  }

  /** Starts `telepath serve`: one process that answers requests. */
  async serve(env: Environment = {}): Promise<OurService> {
    return await this.#start('serve', env);
  }

  /** Starts `telepath start`: processes that share a port, and one that works. */
  async start(processes: number, env: Environment = {}): Promise<OurService> {
    return await this.#start('start', { ...env, TELEPATH_SERVE_PROCESSES: String(processes) });
  }

  /** Sends a slide, and waits until it is prepared and each of its tiles was checked. @returns its id */
  async add(service: OurService, slide: string): Promise<string> {
    const [id = ''] = await this.addCopies(service, slide, 1);
    return id;
  }

  /** As {@link add}, several times: copies that differ in a byte behind the slide's end, or they would be one slide. */
  async addCopies(service: OurService, slide: string, count: number): Promise<readonly string[]> {
    const worker = startDaemon(process.execPath, [cliPath, 'work'], this.#env);
    try {
      const ids: string[] = [];
      for (let i = 0; i < count; i += 1) ids.push(await send(service, slide, i));
      for (const id of ids) await complete(service, id);
      return ids;
    } finally {
      await worker.stop();
    }
  }

  /** Makes slides of files that stay where they are, by `telepath import`. @param from a folder, or s3://bucket/prefix */
  async import(from: string, isRehearsal = false): Promise<Imported> {
    const args = [cliPath, 'import', from, ...(isRehearsal ? ['--dry-run'] : [])];
    const { output } = await measureCommand(process.execPath, args, this.#env);
    const rate = /\((\d+)\/s\)/.exec(output)?.[1];
    if (rate === undefined) throw new Error(`telepath import said no rate: ${output}`);
    return { perSecond: Number(rate), output };
  }

  /** Ends all that runs, the database last, and deletes the folder. */
  async stop(): Promise<void> {
    for (const service of this.#services.toReversed()) await service.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(command: 'serve' | 'start', env: Environment): Promise<OurService> {
    const all = { ...this.#env, ...env };
    const service = await startTelepath([command], all);
    try {
      this.#headers ??= await signInAnew(service.url, all);
    } catch (error) {
      await service.stop();
      throw error;
    }
    const signedIn = { ...service, headers: this.#headers };
    this.#services.push(signedIn);
    return signedIn;
  }
}

/** @param spare how many bytes are added behind the slide's end @returns the slide's id */
async function send({ url, headers }: OurService, slide: string, spare: number): Promise<string> {
  const answer = await fetch(`${url}/slides?name=${encodeURIComponent(`${spare + 1}-${basename(slide)}`)}`, {
    method: 'POST',
    headers: { ...headers, Origin: url },
    body: new Blob([await openAsBlob(slide), new Uint8Array(spare)]),
  });
  if (!answer.ok) throw new Error(`${slide}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function complete({ url, headers }: OurService, id: string): Promise<void> {
  for (;;) {
    const { state } = await slideJson(url, id, headers);
    if (state.kind === 'complete') return;
    if (state.kind === 'failed') throw new Error(`slide ${id}: ${state.reason}`);
    await sleep(200);
  }
}

/** Nothing but what the benchmark puts there, sessions that outlast it, and no levels made ahead unless it says so. */
function placesIn(folder: string, env: Environment): Environment {
  return {
    TELEPATH_SAMPLE: 'false',
    TELEPATH_IDLE_MINUTES: '1440',
    TELEPATH_RENDER_AHEAD: env['TELEPATH_RENDER_AHEAD'] ?? 'false',
    TELEPATH_IMPORT_FROM: env['TELEPATH_IMPORT_FROM'] ?? join(folder, 'originals'),
  };
}

/** A second name for a file; a copy where the disk is another. */
export async function sameFile(path: string, name: string): Promise<void> {
  await link(path, name).catch(async () => await copyFile(path, name));
}
