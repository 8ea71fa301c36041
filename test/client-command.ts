import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A command under way as a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  /** All it has written, on both channels. */
  text(): string;
  /** Resolves when a pattern stands in what it has written. @throws when it ends before */
  said(pattern: RegExp): Promise<void>;
  /** Resolves when it has ended. @returns its exit code; undefined when a signal ended it */
  ended(): Promise<number | undefined>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts `telepath …`. @param env beside the search path, nothing else is passed on */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const child: ChildProcess = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    });
  const exit = once(child, 'close').then(() => child.exitCode ?? undefined);
  return {
    pid: child.pid ?? 0,
    text: () => text,
    said: async (pattern) => {
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve();
        };
        listeners.add(look);
        look();
        void exit.then(() => reject(new Error(`it ended without saying ${String(pattern)}:\n${text}`)));
      });
    },
    ended: async () => await exit,
    kill: (signal) => void child.kill(signal),
  };
}
