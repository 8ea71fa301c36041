import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../command.ts';
import { fetchBytes } from '../service.ts';
import type { TilePlace, TileServer } from './peer.ts';

const bareServer = fileURLToPath(new URL('../bare-server.ts', import.meta.url));

/**
 * The least that Node can do: a server of node:http that sends the same tiles, from memory or from one file, and does
 * nothing else. No service on Node is faster.
 *
 * @param ours whose tiles it sends
 * @param places all that it will be asked for
 */
export async function startBareNode(
  workFolder: string,
  mode: 'memory' | 'file',
  ours: TileServer,
  places: readonly TilePlace[],
): Promise<TileServer> {
  const folder = await mkdtemp(join(workFolder, 'bare-'));
  const table: [path: string, offset: number, length: number][] = [];
  const file = await open(join(folder, 'tiles.bin'), 'w');
  let offset = 0;
  for (const path of new Set(places.map((place) => ours.path(place)))) {
    const bytes = await fetchBytes(ours.url + path, ours.headers);
    await file.write(bytes);
    table.push([path, offset, bytes.length]);
    offset += bytes.length;
  }
  await file.close();
  await writeFile(join(folder, 'tiles.json'), JSON.stringify(table));
  const daemon = startDaemon(process.execPath, [bareServer, folder, mode]);
  const [, url = ''] = await daemon.printed(/ready: (http:\S+)/);
  return {
    name: `node:http alone, from ${mode === 'file' ? 'a file' : 'memory'}`,
    url,
    pids: [daemon.pid],
    path: (place) => ours.path(place),
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
