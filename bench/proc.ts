import { readFileSync, readdirSync } from 'node:fs';

const ticksPerSecond = 100;
const pageBytes = 4096;

/** A process as the kernel sees it. */
interface ProcessState {
  readonly parent: number;
  /** CPU seconds, user and system, its own. */
  readonly cpu: number;
  /** The same of its children that ended and were waited for. */
  readonly childrenCpu: number;
  /** Resident memory, bytes. */
  readonly rss: number;
}

/** Reads one line of `/proc/<pid>/stat`. */
export function parseStat(text: string): ProcessState {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (field: number) => fields[field - 3] ?? Number.NaN; // proc(5) counts from 1; two are cut off
  return {
    parent: at(4),
    cpu: (at(14) + at(15)) / ticksPerSecond,
    childrenCpu: (at(16) + at(17)) / ticksPerSecond,
    rss: at(24) * pageBytes,
  };
}

function stateOf(pid: number): ProcessState | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // ended meanwhile
  }
}

/** A process and all below it that run now. */
function treeOf(root: number): ProcessState[] {
  const states = new Map<number, ProcessState>();
  for (const name of readdirSync('/proc')) {
    const state = /^\d+$/.test(name) ? stateOf(Number(name)) : undefined;
    if (state !== undefined) states.set(Number(name), state);
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (states.has(pid) && isBelow(states.get(pid)!.parent)); // has: just asked
  return [...states].filter(([pid]) => isBelow(pid)).map(([, state]) => state);
}

/** CPU seconds that a process and all below it have used, those that ended included. */
export function treeCpu(pid: number): number {
  return treeOf(pid).reduce((sum, { cpu, childrenCpu }) => sum + cpu + childrenCpu, 0);
}

/** Resident memory of a process and all below it, bytes; what they share counts for each. */
export function treeRss(pid: number): number {
  return treeOf(pid).reduce((sum, { rss }) => sum + rss, 0);
}

/** Watches the memory of a process tree. @returns a function that ends it and gives the most seen, bytes */
export function watchRss(pid: number, everyMs = 50): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, treeRss(pid));
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
