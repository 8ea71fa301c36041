import { serveFiles, type OurService } from '../service.ts';
import type { BenchOptions } from '../options.ts';
import type { TileServer } from './peer.ts';

/** One of our services as a server of a slide's tiles, asked as whoever has signed in there. */
export function tilesOf(service: OurService, id: string, name = 'Telepath'): TileServer {
  return {
    name,
    url: service.url,
    headers: service.headers,
    pids: [service.daemon.pid],
    path: ({ level, column, row }) => `/slides/${id}_files/${level}/${column}_${row}.jpg`,
    stop: service.stop,
  };
}

/** Ours over one file where it lies, without accounts, in one process. @param cacheMib memory for tiles, MiB */
export async function startOursLocal(
  options: BenchOptions,
  slide: string,
  cacheMib: number,
): Promise<TileServer> {
  const service = await serveFiles(options, [slide], { TELEPATH_CACHE_MIB: String(cacheMib) });
  return tilesOf(service, service.ids[0] ?? '', 'Telepath serve FILE, nobody signed in');
}
