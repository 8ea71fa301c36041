import { serveFiles } from '../service.ts';
import type { BenchOptions } from '../options.ts';
import type { TileServer } from './peer.ts';

/** Ours, serving one slide where it lies, in one process. @param cacheMib memory for tiles, MiB */
export async function startOurs(options: BenchOptions, slide: string, cacheMib: number): Promise<TileServer> {
  const service = await serveFiles(options, [slide], { TELEPATH_CACHE_MIB: String(cacheMib) });
  const [id = ''] = service.ids;
  return {
    name: 'Telepath',
    url: service.url,
    pids: [service.daemon.pid],
    path: ({ level, column, row }) => `/slides/${id}_files/${level}/${column}_${row}.jpg`,
    stop: service.stop,
  };
}
