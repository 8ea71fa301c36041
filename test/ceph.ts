import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, openSync, closeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** A running single-node Ceph with its S3 gateway (RGW), and what it takes to use it. */
export interface Ceph {
  /** `http://127.0.0.1:port`; use path style. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** An empty bucket. */
  readonly bucket: string;
  /** Ends its processes, by pid, and deletes its folder. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const readyTimeoutMs = 60_000;
/** Times that daemons may give up before the start has failed. */
const maxEnds = 6;
const binaries = ['monmaptool', 'ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'setpriv'];
const accessKeyId = 'AKIDTEST';
const secretAccessKey = 'a-secret-for-tests-only';
const bucket = 'telepath-test';

/**
 * Starts a real object store for tests: monitor, one storage daemon in memory (up to 4 GiB), S3 gateway; all on
 * free ports of 127.0.0.1, in a folder of its own, as children that die with this process. Takes 1–3 s.
 *
 * Needs Linux and Debian's packages radosgw, ceph-mon, ceph-osd, ceph-common; a test that wants it fails without.
 */
export async function startCeph(): Promise<Ceph> {
  checkBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'telepath-ceph-'));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { endpoint: await launch(folder, children), accessKeyId, secretAccessKey, bucket, stop };
  } catch (error) {
    const logs = await logTails(folder);
    await stop();
    throw new Error(`Ceph did not start: ${String(error)}\n${logs}`, { cause: error });
  }
}

async function launch(folder: string, children: ChildProcess[]): Promise<string> {
  const [monPort, rgwPort] = await freePorts(2);
  const conf = join(folder, 'ceph.conf');
  const fsid = randomUUID();
  for (const name of ['mon', 'osd', 'run', 'log']) await mkdir(join(folder, name));
  await writeFile(conf, configuration({ folder, fsid, monPort: monPort!, rgwPort: rgwPort! }));
  const call = (program: string, ...args: string[]) =>
    run(program, ['-c', conf, ...args], { timeout: readyTimeoutMs });
  const start = (program: string, ...args: string[]) => {
    keepRunning(children, folder, program, ['-c', conf, '-f', ...args]);
  };

  const map = join(folder, 'monmap');
  await run('monmaptool', [
    '--create',
    '--clobber',
    '--fsid',
    fsid,
    '--addv',
    'a',
    `[v1:127.0.0.1:${monPort}]`,
    map,
  ]);
  await call('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map);
  start('ceph-mon', '-i', 'a');
  const osd = randomUUID();
  await until(children, async () => call('ceph', '--connect-timeout', '5', 'osd', 'new', osd));
  await call('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
  start('ceph-osd', '-i', '0');
  start('radosgw', '-n', 'client.rgw');
  await call(
    'radosgw-admin',
    'user',
    'create',
    '--uid=test',
    '--display-name=test',
    `--access-key=${accessKeyId}`,
    `--secret-key=${secretAccessKey}`,
  );
  const endpoint = `http://127.0.0.1:${rgwPort}`;
  await until(children, async () => createBucket(endpoint));
  return endpoint;
}

function configuration(at: { folder: string; fsid: string; monPort: number; rgwPort: number }): string {
  const { folder, fsid, monPort, rgwPort } = at;
  return `[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${monPort}
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
ms bind ipv4 = true
public addr = 127.0.0.1
cluster addr = 127.0.0.1
mon osd full ratio = .98
mon tick interval = 1
paxos propose interval = 0.05
paxos min wait = 0.01
mon warn on pool no redundancy = false
mon allow pool size one = true
mon max pg per osd = 2000
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd crush chooseleaf type = 0
run dir = ${folder}/run
admin socket = ${folder}/run/$name.$pid.asok
log file = ${folder}/log/$name.log
[mon.a]
mon data = ${folder}/mon
mon data avail crit = 1
mon data avail warn = 2
[osd.0]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd memory target = 1073741824
osd max object name len = 1024
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${rgwPort} tcp_nodelay=1
rgw thread pool size = 64
rgw run sync thread = false
rgw enable usage log = false
rgw enable ops log = false
rgw lc debug interval = 0
`;
}

/** A daemon in the foreground; `setpriv` lets it end with this process, even when that is killed. */
function daemon(folder: string, program: string, args: readonly string[]): ChildProcess {
  const out = openSync(join(folder, 'log', `${program}.out.log`), 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: ['ignore', out, out] });
  closeSync(out);
  return child;
}

/**
 * Starts a daemon again when it gives up, a few times: on a busy machine an OSD asks before it knows the cluster's
 * id, is refused (`wrong fsid`) and ends.
 */
function keepRunning(
  children: ChildProcess[],
  folder: string,
  program: string,
  args: readonly string[],
): void {
  const child = daemon(folder, program, args);
  children.push(child);
  child.once('exit', () => {
    if (!child.killed && ended(children).length < maxEnds) keepRunning(children, folder, program, args);
  });
}

/** Daemons that ended without being told to by us. */
function ended(children: readonly ChildProcess[]): ChildProcess[] {
  return children.filter((child) => !child.killed && (child.exitCode !== null || child.signalCode !== null));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Nothing in it is worth an orderly end, and Ceph takes seconds for one.
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Tries until it works, at most a minute, and no longer than daemons can be kept running. */
async function until(children: readonly ChildProcess[], work: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      const dead = ended(children);
      if (dead.length >= maxEnds) throw new Error(`${dead.at(-1)?.spawnargs[3]} gave up`, { cause: error });
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function createBucket(endpoint: string): Promise<void> {
  const client = new S3Client({
    endpoint,
    region: 'default',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }), {
      abortSignal: AbortSignal.timeout(10_000),
    });
  } finally {
    client.destroy();
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function checkBinaries(): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = binaries.filter((name) => !folders.some((folder) => isProgram(join(folder, name))));
  if (missing.length > 0)
    throw new Error(
      `${missing.join(', ')} not found: tests of object storage run against a real Ceph; ` +
        'on Debian: apt-get install radosgw ceph-mon ceph-osd ceph-common',
    );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function logTails(folder: string): Promise<string> {
  const names = ['ceph-mon.out', 'ceph-osd.out', 'radosgw.out', 'mon.a', 'osd.0', 'client.rgw'];
  const tails = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, 'log', `${name}.log`), 'utf8').catch(() => '(none)');
      return `--- ${name}.log\n${text.split('\n').slice(-12).join('\n')}`;
    }),
  );
  return tails.join('\n');
}
