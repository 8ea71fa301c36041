import { basename, dirname } from 'node:path';
import { startDaemon } from '../command.ts';
import { startNginx } from './nginx.ts';
import { findProgram, freePort, type Need, type TileServer } from './peer.ts';

/** What iipsrv needs: nginx speaks HTTP for it. */
export const iipsrvNeeds: readonly Need[] = [
  { program: 'iipsrv.fcgi', package: 'iipimage-server' },
  { program: 'nginx', package: 'nginx-light' },
];

/** iipsrv over a tiled pyramidal TIFF: one process, no cache, as its manual sets it up behind nginx. */
export async function startIipsrv(workFolder: string, tiff: string): Promise<TileServer> {
  const port = await freePort();
  const program = findProgram('iipsrv.fcgi') ?? 'iipsrv.fcgi';
  const iipsrv = startDaemon(program, ['--bind', `127.0.0.1:${port}`, '--backlog', '1024'], {
    MAX_IMAGE_CACHE_SIZE: '0',
    JPEG_QUALITY: '80',
    VERBOSITY: '0',
    LOGFILE: '/dev/null',
    FILESYSTEM_PREFIX: `${dirname(tiff)}/`,
  });
  const names = ['QUERY_STRING', 'REQUEST_METHOD', 'REQUEST_URI', 'SERVER_PROTOCOL'];
  const params = names.map((name) => `fastcgi_param ${name} $${name.toLowerCase()};`).join(' ');
  const nginx = await startNginx(
    workFolder,
    // No connection is kept: iipsrv serves one at a time, and would wait on the one it holds.
    `location / { fastcgi_pass 127.0.0.1:${port}; ${params} }`,
  );
  return {
    name: 'iipsrv, no cache',
    url: nginx.url,
    pids: [iipsrv.pid, nginx.daemon.pid],
    path: ({ level, column, row }) => `/?DeepZoom=${basename(tiff)}_files/${level}/${column}_${row}.jpg`,
    stop: async () => {
      await nginx.stop();
      await iipsrv.stop();
    },
  };
}
