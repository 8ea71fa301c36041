import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseStat, watchRss } from './proc.ts';

/** What a command cost from its start to its end. */
export interface Cost {
  /** Seconds on the clock. */
  readonly seconds: number;
  /** CPU seconds of it and all it started. */
  readonly cpu: number;
  /** Most resident memory of it and all below it at one time, bytes. */
  readonly peakRss: number;
  /** What it printed. */
  readonly output: string;
}

/** Runs what follows, then tells what it and its children used: a shell waits for them, and the kernel adds up. */
const wrapper = '"$@" 3>&-; code=$?; read -r line < /proc/$$/stat; echo "$line" >&3; exit $code';

/** Runs a command to its end and measures it. @throws when it fails, with what it printed */
export async function measureCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const started = performance.now();
  const child = spawn('sh', ['-c', wrapper, 'sh', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const peak = watchRss(child.pid!); // spawned: sh is everywhere
  const [output, errors, stat, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    text(child.stdio[3] as Readable),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  const seconds = (performance.now() - started) / 1000;
  const peakRss = peak();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors.slice(-2000)}`);
  return { seconds, cpu: parseStat(stat).childrenCpu, peakRss, output };
}

/** A long-running program that a benchmark started. */
export interface Daemon {
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Resolves when what it printed matches. @throws when it ends before */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Ends it, and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

/** Starts a program that runs until it is stopped; it dies with this process. */
export function startDaemon(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Daemon {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  const heard = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  child.on('exit', () => heard(Buffer.alloc(0)));
  const until = <T>(found: () => T | undefined, what: string, timeoutMs: number) =>
    new Promise<T>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const fail = (why: string) =>
        end(() => reject(new Error(`${command} ${args.join(' ')} ${why}: ${output.slice(-2000)}`)));
      const look = () => {
        const match = found();
        if (match !== undefined) end(() => resolve(match));
        else if (hasEnded(child)) fail('ended');
      };
      const timer = setTimeout(() => fail(`did not print ${what} in ${timeoutMs} ms`), timeoutMs);
      listeners.add(look);
      look();
    });
  const printed = (pattern: RegExp, timeoutMs = 60_000) =>
    until(() => pattern.exec(output) ?? undefined, String(pattern), timeoutMs);
  // setpriv is in util-linux, so there is a pid
  return { pid: child.pid!, output: () => output, printed, stop: () => end(child) };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Asks a process to end; after twenty seconds, more than any of ours gives its own children, makes it. */
async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(force);
}
