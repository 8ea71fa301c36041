import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The machine that measured, and the versions of what ran on it. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  /** GiB. */
  readonly memory: number;
  readonly kernel: string;
  readonly system: string;
  /** By program. */
  readonly versions: Readonly<Record<string, string>>;
  /** One-minute load when the benchmark began: above about 0.5 something else was running too. */
  readonly load: number;
}

/** Programs beside ours, how each tells its version, and the package it is in. */
const programs: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['libvips', 'vips', ['--version']],
  ['nginx', 'nginx', ['-v']],
  ['wrk', 'wrk', ['-v']],
  ['gunicorn', 'gunicorn', ['--version']],
  ['caddy', 'caddy', ['version']],
  ['openslide', 'openslide-show-properties', ['--version']],
  ['chromium', 'chromium', ['--version']],
  ['iipsrv', 'dpkg-query', ['-W', '-f', 'iipsrv ${Version}', 'iipimage-server']],
  ['openslide-python', 'dpkg-query', ['-W', '-f', 'openslide-python ${Version}', 'python3-openslide']],
  ['radosgw', 'dpkg-query', ['-W', '-f', 'radosgw ${Version}', 'radosgw']],
];

/** Looks at this machine. */
export async function describeMachine(): Promise<Machine> {
  const found = await Promise.all(
    programs.map(async ([name, command, args]) => [name, await firstLine(command, args)] as const),
  );
  const known = found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const os = await readFile('/etc/os-release', 'utf8');
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system: /PRETTY_NAME="(.*)"/.exec(os)?.[1] ?? 'unknown',
    versions: { node: process.version, ...Object.fromEntries(known) },
    load: Number((await readFile('/proc/loadavg', 'utf8')).split(' ')[0]),
  };
}

/** The first line a program prints about itself; undefined when it is not installed. */
async function firstLine(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: 10_000 });
    return versionIn(`${stdout}\n${stderr}`);
  } catch (error) {
    // Some print their version and end as if it were a mistake.
    if (error instanceof Error && 'stdout' in error && 'stderr' in error)
      return versionIn(`${String(error.stdout)}\n${String(error.stderr)}`);
    return undefined;
  }
}

/** The version number in a text. */
function versionIn(text: string): string | undefined {
  return /\d+(:\d+)?(\.\d+)+[\w.+~-]*/.exec(text)?.[0];
}
