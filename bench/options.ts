import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The benchmarks there are, in the order in which all of them run. */
export const benchNames = ['convert', 'serve', 'store', 'view', 'scale'] as const;

/** Name of a benchmark. */
export type BenchName = (typeof benchNames)[number];

/** What a benchmark is to do. */
export interface BenchOptions {
  /** Small slides and short runs: to see that it works, or for the gate. */
  readonly isQuick: boolean;
  /** For the gate: only rows with a ratio to keep, on slides that a minute is enough for. */
  readonly isShort?: boolean;
  /** A slide of the operator's own instead of the samples. */
  readonly slide?: string;
  /** Rounds in which contenders take turns. */
  readonly rounds: number;
  /** Seconds that each load runs. */
  readonly seconds: number;
  /** Folder for samples, trees of tiles and work files; kept between runs. */
  readonly folder: string;
}

const usage =
  'npm run bench [-- convert|serve|store|view|scale …|table] [--slide FILE] [--quick] [--rounds N] [--seconds N]';

/** Reads the command line; `table` alone names no benchmark. @throws with the usage when it is wrong */
export async function readOptions(
  args: readonly string[],
): Promise<{ readonly names: readonly BenchName[]; readonly options: BenchOptions }> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      slide: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string' },
    },
  });
  const isTable = positionals.length === 1 && positionals[0] === 'table';
  const unknown = isTable ? [] : positionals.filter((name) => !benchNames.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; ${usage}`);
  const names =
    positionals.length === 0 ? benchNames : benchNames.filter((name) => positionals.includes(name));
  const options = {
    isQuick: values.quick,
    ...(values.slide === undefined ? {} : { slide: resolve(values.slide) }),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds ?? (values.quick ? '2' : '8')),
    folder: await benchFolder(),
  };
  return { names, options };
}

/** Where samples and work files lie: TELEPATH_BENCH names a folder with some 30 GB, else the system's temporary one. */
export async function benchFolder(): Promise<string> {
  const folder = resolve(process.env['TELEPATH_BENCH'] ?? join(tmpdir(), 'telepath-bench'));
  await mkdir(folder, { recursive: true });
  return folder;
}

function positive(name: string, value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new Error(`--${name} ${value}: give a whole number; ${usage}`);
  return Number(value);
}
