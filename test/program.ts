import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ApiTokens } from '../src/auth/api-tokens.ts';
import { firstOrganisation, newId } from '../src/core/ids.ts';
import { openDatabase, type DatabaseOptions } from '../src/db/database.ts';
import { quiet } from '../src/db/test-database.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A `telepath` command that runs until it is told to end. */
export interface Program {
  readonly pid: number;
  /** Where it listens; empty for one that does not. */
  readonly url: string;
  /** What it has printed and logged so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with `SIGKILL` or `exit code 0`. */
  readonly ended: Promise<string>;
  /** Ends it, and resolves when it has ended. */
  stop(): Promise<string>;
}

/**
 * Starts a command, and resolves when it can do its work.
 *
 * @param env added to the environment
 * @throws {Error} with its output, when it ends instead
 */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    cwd: root,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', UV_THREADPOOL_SIZE: '8', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += text));
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const url = await readiness(child, ended, () => output);
  const stop = async () => {
    child.kill('SIGTERM');
    return await ended;
  };
  return { pid: child.pid!, url, output: () => output, signal: (name) => child.kill(name), ended, stop }; // it runs
}

async function readiness(child: ChildProcess, ended: Promise<string>, output: () => string): Promise<string> {
  return await new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const [, url] = /Telepath is (?:ready: (\S+)|at work)\n/.exec(output()) ?? [];
      if (output().includes('Telepath is ')) resolve(url ?? '');
    });
    ended.then(
      (how) => reject(new Error(`ended before it was ready (${how}): ${output()}`)),
      () => {},
    );
  });
}

/** Processes that one started, by what they do: `serve`, `work`. Linux. */
export async function childrenOf(
  pid: number,
): Promise<readonly { readonly pid: number; readonly does: string }[]> {
  const found: { pid: number; does: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''); // ended meanwhile
    const parent = Number(status.slice(status.lastIndexOf(')') + 1).split(' ')[2]);
    if (parent !== pid) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const does = /cli\.ts\0(\w+)/.exec(command)?.[1];
    if (does !== undefined) found.push({ pid: Number(name), does });
  }
  return found;
}

/** Makes an account of the first organisation that may do all, and an API token of it. */
export async function newToken(options: Pick<DatabaseOptions, 'url' | 'dataFolder'>): Promise<string> {
  const database = await openDatabase({ ...options, log: quiet, connections: 1 });
  try {
    const account = {
      id: newId(),
      organisation_id: firstOrganisation,
      email: `${newId()}@lab.example`,
      name: 'Lab staff',
      roles: ['lab' as const, 'administrator' as const, 'operator' as const],
      password: 'of no password',
      is_one_time: false,
    };
    await database.run((db) => db.insertInto('account').values(account).execute());
    const tokens = new ApiTokens(database, Date.now);
    return (await tokens.add(account.id, { name: 'test', scopes: ['read', 'upload', 'manage'], days: 1 }))
      .token;
  } finally {
    await database.close();
  }
}
