import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from '../command.ts';
import { findProgram, freePort, untilAnswers, type Need, type TileServer } from './peer.ts';

/** What nginx needs. */
export const nginxNeeds: readonly Need[] = [{ program: 'nginx', package: 'nginx-light' }];

/** A running nginx of one worker. */
export interface Nginx {
  readonly url: string;
  readonly daemon: Daemon;
  readonly stop: () => Promise<void>;
}

/** nginx over the tree of `vips dzsave`: static files, as fast as one worker sends them. */
export async function startNginxTiles(workFolder: string, filesFolder: string): Promise<TileServer> {
  const nginx = await startNginx(
    workFolder,
    `location /tiles/ { alias ${filesFolder}/; open_file_cache max=60000 inactive=600s; open_file_cache_valid 600s; }`,
  );
  return {
    name: 'nginx, static tiles',
    url: nginx.url,
    pids: [nginx.daemon.pid],
    path: ({ level, column, row }) => `/tiles/${level}/${column}_${row}.jpg`,
    stop: nginx.stop,
  };
}

/** Starts nginx with one worker on a free port, with these directives in its only server. */
export async function startNginx(workFolder: string, server: string, http = ''): Promise<Nginx> {
  const folder = await mkdtemp(join(workFolder, 'nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = await freePort();
  const conf = join(folder, 'nginx.conf');
  await writeFile(conf, configuration({ folder, port, server, http }));
  const program = findProgram('nginx') ?? 'nginx';
  const daemon = startDaemon(program, ['-p', folder, '-c', conf, '-e', join(folder, 'error.log')]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswers(url);
    return { url, daemon, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly folder: string;
  readonly port: number;
  readonly server: string;
  readonly http: string;
}

function configuration({ folder, port, server, http }: Parts): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${folder}/pid;
events { worker_connections 1024; }
http {
  types { text/html html; text/css css; application/javascript js; image/svg+xml svg; image/jpeg jpg; application/json json; }
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
${temporary.map((name) => `  ${name}_temp_path ${folder}/temp/${name};`).join('\n')}
  ${http}
  server {
    listen 127.0.0.1:${port} backlog=1024;
    ${server}
  }
}
`;
}
