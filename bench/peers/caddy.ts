import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startDaemon } from '../command.ts';
import { findProgram, freePort, type Need } from './peer.ts';

/** What HTTP/2 needs. */
export const caddyNeeds: readonly Need[] = [{ program: 'caddy', package: 'caddy' }];

/** A running Caddy that speaks HTTP/2 with a certificate of its own making. */
export interface Caddy {
  /** `https://localhost:port`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts Caddy with these directives in its only site. */
export async function startCaddy(workFolder: string, site: string): Promise<Caddy> {
  const folder = await mkdtemp(join(workFolder, 'caddy-'));
  const port = await freePort();
  const file = join(folder, 'Caddyfile');
  const global = 'admin off\nskip_install_trust\nlocal_certs\nauto_https disable_redirects';
  const protocols = 'servers {\nprotocols h1 h2\n}';
  await writeFile(file, `{\n${global}\n${protocols}\n}\nhttps://localhost:${port} {\n${site}\n}\n`);
  const program = findProgram('caddy') ?? 'caddy';
  const daemon = startDaemon(program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  });
  const stop = async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilSpeaksHttp2(port);
    return { url: `https://localhost:${port}`, stop };
  } catch (error) {
    await stop();
    throw new Error(daemon.output().slice(-2000), { cause: error });
  }
}

/** Waits for a TLS handshake that agrees on HTTP/2. @throws after 20 s */
async function untilSpeaksHttp2(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await protocolOf(port)) !== 'h2') {
    if (Date.now() > deadline) throw new Error('Caddy does not speak HTTP/2');
    await sleep(100);
  }
}

/** The protocol that a handshake agrees on; undefined when there is none. */
function protocolOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Its certificate is its own; only this machine is spoken to.
    const socket = connect({
      port,
      host: 'localhost',
      servername: 'localhost',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      resolve(socket.alpnProtocol === false ? undefined : (socket.alpnProtocol ?? undefined));
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}
