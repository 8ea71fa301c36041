import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type Daemon } from './command.ts';
import type { BenchOptions } from './options.ts';

/** The command line of this service. */
export const cliPath = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** Environment of every process of ours that is measured: what `npm start` sets, a free port, no log. */
export const ourEnvironment = { UV_THREADPOOL_SIZE: '8', PORT: '0', LOG_LEVEL: 'silent' } as const;

/** What requests carry to be let in; empty where nobody has to sign in. */
export type Entry = Readonly<Record<string, string>>;

/** More slides than this are not asked for their ids. */
const mostNamed = 20;

/** Our service as an operator runs it, with slides to look at. */
export interface OurService {
  readonly url: string;
  readonly daemon: Daemon;
  readonly headers: Entry;
  /** In the order of the files' names; none for a folder of many. */
  readonly ids: readonly string[];
  /** From spawn to listening, and on to the last slide viewable (the first may be so before), seconds. */
  readonly startSeconds: number;
  readonly indexSeconds: number;
  readonly stop: () => Promise<void>;
}

/** Starts a command of ours that serves, and waits until it listens. @param env its whole configuration */
export async function startTelepath(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<OurService> {
  const started = performance.now();
  const daemon = startDaemon(process.execPath, [cliPath, ...args], env);
  try {
    const [, url = ''] = await daemon.printed(/ready: (http:\S+)/);
    const startSeconds = (performance.now() - started) / 1000;
    return { url, daemon, headers: {}, ids: [], startSeconds, indexSeconds: 0, stop: daemon.stop };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/**
 * Starts `telepath serve FILE|FOLDER …`, which nobody has to sign in to, and waits until its slides are viewable.
 *
 * @param slides how many there are in the folders named
 */
export async function serveFiles(
  options: Pick<BenchOptions, 'folder'>,
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
  slides = files.length,
): Promise<OurService> {
  const folder = await mkdtemp(join(options.folder, 'service-'));
  const service = await startTelepath(['serve', ...files], {
    ...ourEnvironment,
    TELEPATH_DATA: folder,
    ...env,
  });
  const stop = async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const listening = performance.now();
    // One slide is named with its address, of several the number is said once all are there.
    await service.daemon.printed(slides === 1 ? /\/view\/[0-9a-f]{32}/ : /of \d+ files are slides/, 600_000);
    const indexSeconds = (performance.now() - listening) / 1000;
    const ids = slides <= mostNamed ? await idsByName(service.url, slides) : [];
    return { ...service, ids, indexSeconds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The ids of all slides, by the names of their files. @throws unless there are so many */
async function idsByName(url: string, count: number): Promise<string[]> {
  const { slides } = JSON.parse((await fetchBytes(`${url}/slides`)).toString()) as {
    readonly slides: readonly { readonly id: string; readonly name: string }[];
  };
  if (slides.length !== count) throw new Error(`${slides.length} of ${count} slides can be viewed`);
  return slides.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ id }) => id);
}

/** A slide's description as our API gives it; only what benchmarks read. */
export interface SlideJson {
  readonly state: { readonly kind: string; readonly reason?: string };
  readonly size: { readonly width: number; readonly height: number };
  readonly levels: readonly {
    readonly width: number;
    readonly height: number;
    readonly columns: number;
    readonly rows: number;
  }[];
  readonly deepZoom: { readonly tileSize: number; readonly maxLevel: number };
}

/** Fetches what must be there. @throws with status and address otherwise */
export async function fetchBytes(url: string, headers: Entry = {}): Promise<Buffer> {
  const response = await fetch(url, { headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${url}: ${response.status} ${bytes.subarray(0, 300).toString()}`);
  return bytes;
}

/** A slide's description. */
export async function slideJson(url: string, id: string, headers: Entry = {}): Promise<SlideJson> {
  return JSON.parse((await fetchBytes(`${url}/slides/${id}.json`, headers)).toString()) as SlideJson;
}
