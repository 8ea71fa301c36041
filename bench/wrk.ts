import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureCommand } from './command.ts';
import type { TileServer } from './peers/peer.ts';
import { treeCpu } from './proc.ts';

/** What wrk is to do. */
export interface Load {
  /** Paths, asked for one after another, from the first again after the last. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Folder for the script. */
  readonly folder: string;
}

/** What a load gave. */
export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** CPU of the server's processes per answer, µs. */
  readonly cpuMicros: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
}

/** Each path built once, so that wrk itself costs as little as can be. */
const script = (list: string, headers: Readonly<Record<string, string>> = {}) => `
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  .join('\n')}
local requests = {}
local count = 0
local place = 0
function init(args)
  for path in io.lines("${list}") do
    count = count + 1
    requests[count] = wrk.format("GET", path)
  end
end
function request()
  place = place % count + 1
  return requests[place]
end
function done(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration, failed,
    latency:percentile(50), latency:percentile(99)))
end
`;

/** Puts a load on a server with one thread of wrk. @throws when any answer was not a tile */
export async function runWrk(server: TileServer, load: Load): Promise<LoadResult> {
  const folder = await mkdtemp(join(load.folder, 'wrk-'));
  try {
    const list = join(folder, 'paths.txt');
    const lua = join(folder, 'load.lua');
    await writeFile(list, load.paths.join('\n'));
    await writeFile(lua, script(list, server.headers));
    const before = cpuOf(server);
    const { output } = await measureCommand('wrk', [
      '-t1',
      `-c${load.connections}`,
      `-d${load.seconds}s`,
      '--timeout',
      '20s',
      '-s',
      lua,
      server.url,
    ]);
    return parseResult(server.name, output, cpuOf(server) - before);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads what the script's last line says. @param cpu seconds the server used meanwhile */
export function parseResult(name: string, output: string, cpu: number): LoadResult {
  const numbers = /^RESULT (.*)$/m.exec(output)?.[1]?.split(' ').map(Number);
  if (numbers === undefined) throw new Error(`wrk said nothing of ${name}: ${output.slice(-500)}`);
  const [requests = 0, micros = 1, failed = 0, p50 = 0, p99 = 0] = numbers;
  if (failed > 0 || requests === 0)
    throw new Error(`${name}: ${failed} of ${requests} answers failed: a wrong answer is not timed`);
  return {
    answers: requests,
    perSecond: (requests / micros) * 1e6,
    cpuMicros: (cpu / requests) * 1e6,
    p50: p50 / 1000,
    p99: p99 / 1000,
  };
}

function cpuOf({ pids }: TileServer): number {
  return pids.reduce((sum, pid) => sum + treeCpu(pid), 0);
}
