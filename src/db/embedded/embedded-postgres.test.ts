import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { quiet } from '../test-database.ts';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
import { installedFolder } from './program.ts';

const isRoot = process.getuid?.() === 0;
/** Whom the server runs as. */
const serverUid = isRoot ? 65_534 : process.getuid?.();

/** A data folder with a table and a row in it, made once; each test gets a copy of its own. */
let template: string;
let dataFolder: string;
const started: EmbeddedPostgres[] = [];

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'telepath-embedded-template-'));
  const server = await start({ dataFolder: template });
  await ask(server, 'create table note as select 42 as n');
  await server.close();
});
afterAll(() => rm(template, { recursive: true }));
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'telepath-embedded-'));
  await chmod(dataFolder, 0o755);
  await promisify(execFile)('cp', ['-a', join(template, 'postgres'), dataFolder]);
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
  await rm(dataFolder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder, log: quiet, ...options });
  started.push(server);
  return server;
}

/** The first column of the first row. */
async function ask(server: EmbeddedPostgres, query: string, password?: string): Promise<unknown> {
  const client = new Client({ ...server.login, ...(password !== undefined && { password }) });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(query);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const note = 'select n from note';

async function pidOf({ folder }: EmbeddedPostgres): Promise<number> {
  return Number((await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
}

describe('startEmbeddedPostgres', () => {
  it('keeps what is committed through power cuts, checks every page, and listens on a socket only', async () => {
    const server = await start();
    for (const [setting, value] of [
      ['fsync', 'on'],
      ['synchronous_commit', 'on'],
      ['full_page_writes', 'on'],
      ['data_checksums', 'on'],
      ['listen_addresses', ''],
      ['unix_socket_permissions', '0700'],
      ['server_encoding', 'UTF8'],
    ])
      expect([setting, await ask(server, `show ${setting}`)]).toEqual([setting, value]);
    expect(await ask(server, note)).toBe(42);
  });

  it('lets in who knows the password, which only the service can read', async () => {
    const server = await start();
    const { mode, uid } = await stat(join(dataFolder, 'postgres', 'password'));
    expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.()]);
    expect(server.login.password).toMatch(/^[\w-]{43}$/);
    await expect(ask(server, note, 'wrong')).rejects.toThrow('password authentication failed');
  });

  it('never runs as root', async () => {
    const server = await start();
    const status = await readFile(`/proc/${await pidOf(server)}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)?.slice(1).map(Number)).toEqual([serverUid, serverUid]);
    expect((await stat(server.folder)).mode & 0o777).toBe(0o700);
  });

  it('is one server for all who start it at once, and stops with the last of them', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    const pids = await Promise.all(servers.map(pidOf));
    expect(new Set(pids).size).toBe(1);
    for (const server of servers) {
      expect(await ask(server, note)).toBe(42);
      await server.close();
    }
    await expect(readFile(join(dataFolder, 'postgres/data/postmaster.pid'))).rejects.toThrow('ENOENT');
  });

  it('is made once when several start on an empty folder at once', async () => {
    await rm(join(dataFolder, 'postgres'), { recursive: true });
    const [first, second] = await Promise.all([start(), start()]);
    await ask(first, 'create table note as select 7 as n');
    expect(await ask(second, note)).toBe(7);
  });

  it('is joined again after its service was killed', async () => {
    const module = fileURLToPath(new URL('embedded-postgres.ts', import.meta.url));
    const program = `
      import { startEmbeddedPostgres } from ${JSON.stringify(module)};
      const log = { info() {}, warn() {}, error() {} };
      await startEmbeddedPostgres({ dataFolder: ${JSON.stringify(dataFolder)}, log });
      process.stdout.write('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const pidFile = join(dataFolder, 'postgres/data/postmaster.pid');
    const before = await readFile(pidFile, 'utf8');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await start();
    expect(String(await pidOf(server))).toBe(before.split('\n', 1)[0]);
    expect(await ask(server, note)).toBe(42);
    await server.close();
    await expect(readFile(pidFile)).rejects.toThrow('ENOENT');
  });

  it('starts again by itself when it is killed', async () => {
    const server = await start();
    const before = await pidOf(server);
    await ask(server, 'insert into note values (43)');
    process.kill(before, 'SIGKILL');
    await expect
      .poll(() => ask(server, 'select max(n) from note').catch(() => 0), { timeout: 20_000 })
      .toBe(43);
    expect(await pidOf(server)).not.toBe(before);
  });

  it('starts though another program has the number that a crashed server left', async () => {
    const other = spawn('sleep', ['60'], isRoot ? { uid: serverUid ?? 0 } : {});
    const pidFile = join(dataFolder, 'postgres/data/postmaster.pid');
    await writeFile(pidFile, `${other.pid}\n/x\n1700000000\n5432\n/nowhere\n\n 0 0\nready\n`);
    if (isRoot) await chown(pidFile, serverUid ?? 0, serverUid ?? 0);
    const server = await start();
    expect(await ask(server, note)).toBe(42);
    other.kill();
  });

  it('says what its log says when it can not start', async () => {
    await writeFile(join(dataFolder, 'postgres/data/postgresql.auto.conf'), "shared_buffers = 'plenty'\n");
    const failure = { kind: 'unavailable', message: expect.stringContaining('"plenty"') };
    await expect(start()).rejects.toMatchObject(failure);
  });

  it('says what to do when its user has no name, and leaves nothing behind', async () => {
    await rm(join(dataFolder, 'postgres'), { recursive: true });
    // Only root can take such a user; everyone else here has a name.
    const starting = isRoot ? start({ uid: 54_321 }) : start();
    if (isRoot) await expect(starting).rejects.toThrow(/54321: user does not exist; .*DATABASE_URL/);
    else await starting;
    expect(await readdir(dataFolder)).toEqual(isRoot ? [] : ['postgres']);
  });

  it('refuses the data of another PostgreSQL, saying which', async () => {
    await writeFile(join(dataFolder, 'postgres/data/PG_VERSION'), '9\n');
    await expect(start()).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringMatching(/PostgreSQL 9, .* brings 18/),
    });
  });

  it.each([
    ['an ordinary folder', 'plain', 'data'],
    ['a path too long for a socket', 'x'.repeat(120), 'temporary'],
    ['a path with signs of the shell', `a 'b' "$HOME" ,;`, 'temporary'],
  ])('works in %s', async (_name, name, place) => {
    const inner = join(dataFolder, name);
    await mkdir(inner);
    await promisify(execFile)('cp', ['-a', join(template, 'postgres'), inner]);
    const server = await start({ dataFolder: inner });
    expect(await ask(server, note)).toBe(42);
    expect(server.login.host.startsWith(dataFolder) ? 'data' : 'temporary').toBe(place);
    expect(Buffer.byteLength(server.login.host)).toBeLessThan(90);
  });

  it('works below a folder that its user may not enter', async () => {
    await chmod(dataFolder, 0o700);
    const server = await start();
    expect(await ask(server, note)).toBe(42);
    expect(server.login.host.startsWith(dataFolder)).toBe(!isRoot);
    await server.close();
    if (isRoot) await expect(stat(dirname(server.login.host))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['links are missing', async (installed: string) => rm(join(installed, 'native/lib/libicuuc.so.60'))],
    ['files are for their owner only', async (installed: string) => chmod(installed, 0o700)],
  ])('runs a copy of the program when %s', async (name, spoil) => {
    const installed = join(dataFolder, 'npm');
    await cp(installedFolder(), installed, { recursive: true, verbatimSymlinks: true });
    await spoil(installed);
    const server = await start({ installed });
    expect(await ask(server, note)).toBe(42);
    const executable = await promisify(execFile)('readlink', [`/proc/${await pidOf(server)}/exe`]);
    const isCopy = isRoot || name.startsWith('links');
    expect(executable.stdout.startsWith(isCopy ? join(dataFolder, 'postgres-18') : installed)).toBe(true);
  });

  it('can listen on an address of this machine instead of a socket', async () => {
    const server = await start({ listen: 'loopback' });
    expect(server.login.host).toBe('127.0.0.1');
    expect(await ask(server, note)).toBe(42);
    const second = await start();
    expect(second.login).toEqual(server.login);
  });
});
