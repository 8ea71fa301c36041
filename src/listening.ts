import type { Server } from 'node:http';
import { checkFilesShown, firstEmail, type Listening } from './auth/first-start.ts';
import type { Identity } from './auth/identity.ts';
import { isLoopback, type Config } from './config.ts';
import { ServiceError } from './core/errors.ts';

/** Who can reach the service. */
export function listeningOf({ host, tls, trustsProxy }: Config): Listening {
  return { isLoopback: isLoopback(host), speaksTls: tls !== undefined, trustsProxy };
}

/**
 * Lets others in only where that is safe; where there is no account yet, makes the first and prints its password once.
 *
 * @throws {ServiceError} `invalid`, saying what to do
 */
export async function openDoor(identity: Identity | undefined, config: Config): Promise<void> {
  if (identity === undefined) return checkFilesShown(listeningOf(config));
  await identity.firstStart.check();
  const password = await identity.firstStart.makeAdministrator();
  if (password === undefined) return;
  process.stdout.write(
    `First sign-in: e-mail ${firstEmail}, password ${password} (shown only now; to be changed then)\n`,
  );
}

/** Listens, and says where. @throws {ServiceError} `unavailable` when the address is taken */
export async function listen(server: Server, { host, port, tls }: Config): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'something else listens there; set PORT' : cause.message;
      reject(new ServiceError('unavailable', `cannot listen on ${host}:${port}: ${reason}`, { cause }));
    });
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening, but on no port');
  const shown = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host;
  return `${tls === undefined ? 'http' : 'https'}://${shown.includes(':') ? `[${shown}]` : shown}:${address.port}`;
}
