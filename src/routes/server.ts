import { readFile } from 'node:fs/promises';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { ServiceError } from '../core/errors.ts';

/** Files of a certificate and its key, PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Uploads take as long as they take; a connection that sends no headers, or nothing at all, does not. */
const patience = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 65_000 } as const;

/**
 * The server of an application, not listening yet.
 *
 * @param tls absent: plain HTTP
 * @param isUpgrade which requests become something else than HTTP; whoever listens to `upgrade` answers them
 * @throws {ServiceError} `invalid` when a file of the certificate cannot be read or used
 */
export async function serverOf(
  app: RequestListener,
  tls: TlsFiles | undefined,
  isUpgrade: (req: IncomingMessage) => boolean = () => false,
): Promise<Server> {
  const options = { ...patience, shouldUpgradeCallback: isUpgrade };
  if (tls === undefined) return createPlainServer(options, app);
  try {
    const [cert, key] = await Promise.all([readFile(tls.cert), readFile(tls.key)]);
    return createTlsServer({ ...options, cert, key, minVersion: 'TLSv1.2' }, app);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServiceError('invalid', `TELEPATH_TLS_CERT, TELEPATH_TLS_KEY: ${reason}`, { cause });
  }
}
