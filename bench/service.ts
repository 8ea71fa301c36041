import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type Daemon } from './command.ts';
import type { BenchOptions } from './options.ts';

/** The command line of this service. */
export const cliPath = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** Environment of every process of ours that is measured: what `npm start` sets, a free port, no log. */
export const ourEnvironment = { UV_THREADPOOL_SIZE: '8', PORT: '0', LOG_LEVEL: 'silent' } as const;

/** Our service as an operator runs it, with slides to look at. */
export interface OurService {
  readonly url: string;
  readonly daemon: Daemon;
  /** In the order of the files' paths. */
  readonly ids: readonly string[];
  /** From spawn to listening, and on to the last slide viewable, seconds. */
  readonly startSeconds: number;
  readonly indexSeconds: number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts `telepath serve FILE|FOLDER …` and waits until its slides are viewable.
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
  const started = performance.now();
  const daemon = startDaemon(process.execPath, [cliPath, 'serve', ...files], {
    ...ourEnvironment,
    TELEPATH_DATA: folder,
    ...env,
  });
  const stop = async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await daemon.printed(/ready: (http:\S+)/);
    const listening = performance.now();
    if (slides > 0) await daemon.counted(/\/view\/[0-9a-f]{32}/g, slides);
    const viewable = performance.now();
    const ids = [...daemon.output().matchAll(/\/view\/([0-9a-f]{32})/g)].map(([, id = '']) => id);
    return {
      url,
      daemon,
      ids,
      startSeconds: (listening - started) / 1000,
      indexSeconds: (viewable - listening) / 1000,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
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
export async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${url}: ${response.status} ${bytes.subarray(0, 300).toString()}`);
  return bytes;
}

/** A slide's description. */
export async function slideJson(url: string, id: string): Promise<SlideJson> {
  return JSON.parse((await fetchBytes(`${url}/slides/${id}.json`)).toString()) as SlideJson;
}
