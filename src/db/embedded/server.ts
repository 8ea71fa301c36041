import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { ServiceError } from '../../core/errors.ts';
import { errorCode } from '../../storage/folder-paths.ts';
import { makeSocketFolder, removeSocketFolder, type Cluster } from './cluster.ts';
import { runProgram } from './run-program.ts';

/** Where a server listens: the folder of its socket, or an address of this machine alone. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Log files longer than this are put aside at a start, bytes. */
const maxLogBytes = 10 * 2 ** 20;
const socketPort = 5432;
/** Starts that may fail while another process does the same. */
const maxFailures = 5;

/**
 * Connects to the cluster's server, which is started when it does not run, however many processes do this at once.
 *
 * @param address where to listen when it must be started; where it runs already, its own address counts
 * @param timeoutMs for all of it; recovery after a crash can take a while
 * @throws {ServiceError} `unavailable`, with the end of the server's log
 */
export async function connectOrStart(
  cluster: Cluster,
  address: ServerAddress,
  timeoutMs: number,
): Promise<{ readonly client: Client; readonly address: ServerAddress }> {
  const deadline = performance.now() + timeoutMs;
  let problem = '';
  for (let failures = 0; failures < maxFailures && performance.now() < deadline; await sleep(100)) {
    const at = await runningAddress(cluster.folder);
    const tried = at && (await tryConnect(cluster, at));
    if (at && tried instanceof Client) return { client: tried, address: at };
    if (tried === 'starting') continue;
    await removeStalePid(cluster.folder);
    const started = await start(cluster, address, deadline - performance.now());
    if (started === undefined) continue;
    failures += 1;
    problem = started;
  }
  const log = await logTail(cluster.folder);
  throw new ServiceError(
    'unavailable',
    `the database in ${cluster.folder} did not start: ${problem}\n${log}`.trim(),
  );
}

/** Ends the server once those connected are cut off: everything committed is on disk before and after. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const { folder, folderArgument, program, user } = cluster;
  const args = ['stop', '--silent', '--wait', '--mode=fast', '--timeout=60', '-D', folderArgument];
  const { code, output } = await runProgram(program.pgCtl, args, { cwd: folder, user });
  if (code !== 0 && (await runningAddress(folder)) !== undefined)
    throw new ServiceError('unavailable', `the database in ${folder} did not stop: ${output}`);
  await removeSocketFolder(cluster);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

/** The address of a socket in the cluster's own folder. */
export function socketAddress({ socketFolder }: Cluster): ServerAddress {
  return { host: socketFolder, port: socketPort };
}

/** What `postmaster.pid` says: line 4 the port, 5 the folder of the socket, 6 the address. */
async function runningAddress(folder: string): Promise<ServerAddress | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(absent);
  const [, , , port = '', socketFolder = '', host = ''] = text?.split('\n') ?? [];
  const at = socketFolder.trim() || host.trim();
  return /^\d+$/.test(port) && at !== '' ? { host: at, port: Number(port) } : undefined;
}

/** Codes of a server that is there but not ready: starting, stopping, recovering; too many connections. */
const notYet = new Set(['57P03', '57P01', '53300']);

async function tryConnect(cluster: Cluster, address: ServerAddress): Promise<Client | 'starting' | 'absent'> {
  const client = new Client({
    ...address,
    ...cluster.login,
    application_name: 'telepath presence',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A lost connection is told by `end`, or by the query that needed it.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {}); // it never was connected
    if (error instanceof DatabaseError && !notYet.has(error.code ?? ''))
      throw new ServiceError('unavailable', `the database in ${cluster.folder}: ${error.message}`, {
        cause: error,
      });
    return error instanceof DatabaseError ? 'starting' : 'absent';
  }
}

/** Starts the server, and waits until it answers. @returns why it did not start */
async function start(
  cluster: Cluster,
  address: ServerAddress,
  timeoutMs: number,
): Promise<string | undefined> {
  const { folder, folderArgument, program, user } = cluster;
  await rotateLog(folder);
  const isSocket = address.host.startsWith('/');
  if (address.host === cluster.socketFolder) await makeSocketFolder(cluster);
  const settings: Readonly<Record<string, string | number>> = {
    port: address.port,
    listen_addresses: isSocket ? '' : address.host,
    unix_socket_directories: isSocket ? address.host : '',
    unix_socket_permissions: '0700',
    // Statements and the values in them can name patients: they stay out of the log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const timeout = Math.max(1, Math.ceil(timeoutMs / 1000));
  const args = ['start', '--silent', '--wait', `--timeout=${timeout}`, '--log=server.log'];
  const { code, output } = await runProgram(
    program.pgCtl,
    [...args, '-D', folderArgument, '-o', options.join(' ')],
    { cwd: folder, user },
  );
  return code === 0 ? undefined : output;
}

/**
 * Removes a `postmaster.pid` that a crash left and whose number another program has got meanwhile, as happens when
 * a container is started again: PostgreSQL would take that program for itself.
 *
 * Only where it is certain that no server process is left: each has the data folder as its working folder.
 */
async function removeStalePid(folder: string): Promise<void> {
  const path = join(folder, 'postmaster.pid');
  if (process.platform !== 'linux' || (await readFile(path).catch(absent)) === undefined) return;
  const { dev, ino } = await stat(folder);
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await stat(`/proc/${name}/cwd`).catch(() => undefined); // ended, or somebody else's
    if (cwd?.dev === dev && cwd.ino === ino) return;
  }
  await rm(path, { force: true });
}

async function rotateLog(folder: string): Promise<void> {
  const path = join(folder, 'server.log');
  const { size } = (await stat(path).catch(absent)) ?? { size: 0 };
  if (size > maxLogBytes) await rename(path, `${path}.1`);
}

/** The last lines of the server's log. */
async function logTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'server.log'), 'utf8').catch(absent);
  return text?.trimEnd().split('\n').slice(-10).join('\n') ?? '';
}

function absent(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}
