import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Deep Zoom tile: level (0 = one pixel), column and row from 0. */
export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A server of tiles that runs: ours or another's. */
export interface TileServer {
  readonly name: string;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** What each request carries to be let in; absent: nobody is asked. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Processes whose CPU time, with that of their children, counts. */
  readonly pids: readonly number[];
  /** Path of a Deep Zoom tile of the slide. */
  path(place: TilePlace): string;
  readonly stop: () => Promise<void>;
}

/** A program that a peer needs, and the Debian package it is in. */
export interface Need {
  readonly program: string;
  readonly package: string;
}

/** Folders of programs, those of servers included, which a user's PATH may lack. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/lib/iipimage-server'];

/** Path of a program; undefined when it is not installed. */
export function findProgram(program: string): string | undefined {
  if (program.startsWith('/')) return existsSync(program) ? program : undefined;
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** What of these is not installed, each as a line for the report. */
export function missingOf(what: string, needs: readonly Need[]): string[] {
  const missing = needs.filter(({ program }) => findProgram(program) === undefined);
  if (missing.length === 0) return [];
  const packages = missing.map((need) => need.package).join(' ');
  return [`${what} was not measured: apt-get install ${packages}`];
}

/** A TCP port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Waits until an address answers at all. @throws after 20 s */
export async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${url} does not answer`, { cause: error });
      await sleep(50);
    }
  }
}
