import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Piscina } from 'piscina';
import type { Outcome } from '../src/core/errors.ts';
import type { DecoderTask } from '../src/pyramid/tasks.ts';
import type { DecoderResult } from './decoder.ts';

// The child process in which native decoders run. It may die at any time: its parent starts another.
// Arguments: threads, ms between two reports of the memory in use.

/** What the parent sends. */
export interface HostRequest {
  readonly id: number;
  readonly task: DecoderTask;
}

/** What the parent gets: `ready` once, an outcome per request, and the memory in use while tasks run. */
export type HostReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: Outcome<DecoderResult> }
  | { readonly kind: 'memory'; readonly bytes: number };

const [threads, reportMs] = process.argv.slice(2).map(Number);
if (threads === undefined || reportMs === undefined || process.send === undefined)
  throw new Error('decoder-host is started by the decoder pool only');

const pool = new Piscina<DecoderTask, Outcome<DecoderResult>>({
  filename: new URL('./decoder.ts', import.meta.url).href,
  // One lane's worth at once, the rest when both are busy; then they stay.
  minThreads: Math.ceil(threads / 2),
  maxThreads: threads,
  idleTimeout: Infinity,
  resourceLimits: { maxOldGenerationSizeMb: 512 },
});

// Shuts the loaders that slides don't need, while the threads begin: before any of them decodes.
await import('./native.ts');

let running = 0;

function report(message: HostReport): void {
  // The channel closes when the parent ends; then this process ends too.
  if (process.connected) process.send?.(message, () => {});
}

async function serve({ id, task }: HostRequest): Promise<void> {
  running += 1;
  try {
    report({ kind: 'outcome', id, outcome: await pool.run(task) });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report({ kind: 'outcome', id, outcome: { ok: false, kind: 'bug', message } });
  } finally {
    running -= 1;
  }
}

/** Memory that is this process' own: files mapped into it can be dropped by the system and don't count. */
function ownMemory(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
}

setInterval(() => {
  if (running > 0) report({ kind: 'memory', bytes: ownMemory() });
}, reportMs).unref();
process.on('message', (request: HostRequest) => void serve(request));
// Nothing here is worth saving, and an ordinary exit would wait for decoders.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches the whole group; the parent decides when this process may end.
process.on('SIGINT', () => {});
report({ kind: 'ready' });
// It is killed, never ended: what was compiled is kept for the next one now.
flushCompileCache();
