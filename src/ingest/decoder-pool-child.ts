import { fork, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../core/errors.ts';
import type { DecoderTask, DecoderTasks } from '../pyramid/tasks.ts';

/** What any task gives. */
export type DecoderResult = DecoderTasks[keyof DecoderTasks]['result'];

/** What the host process reports; the same shape as `HostReport` in workers/decoder-host.ts. */
type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: Outcome<DecoderResult> }
  | { readonly kind: 'memory'; readonly bytes: number };

/** What happens in a child. */
export interface ChildEvents {
  readonly onReady: () => void;
  readonly onOutcome: (id: number, outcome: Outcome<DecoderResult>) => void;
  readonly onMemory: (bytes: number) => void;
  /** Called once, whatever ended it. @param how e.g. `SIGSEGV` or `exit code 1` */
  readonly onEnd: (how: string) => void;
}

const hostPath = fileURLToPath(new URL('../../workers/decoder-host.ts', import.meta.url));
/** How often a child says how much memory it uses, ms. */
const reportMs = 100;
/** Environment that decoders and stores may need; no secret of the service is among it. */
const passedOn = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_.*|AWS_.*|NODE_EXTRA_CA_CERTS|(HTTPS?|NO|ALL)_PROXY)$/i;

/** A process in which native decoders run; see workers/decoder-host.ts. */
export class DecoderChild {
  readonly #process: ChildProcess;
  #hasEnded = false;

  /** @param threads tasks that may run in it at once */
  constructor(threads: number, events: ChildEvents) {
    const compiled = getCompileCacheDir();
    const inherited = Object.entries(process.env).filter(([name]) => passedOn.test(name));
    this.#process = fork(hostPath, [String(threads), String(reportMs)], {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=256'],
      env: {
        ...Object.fromEntries(inherited),
        // Code that was compiled before is not compiled again: half the time to start.
        ...(compiled !== undefined && { NODE_COMPILE_CACHE: dirname(compiled) }),
        // Each task keeps one thread of libvips or of the file system busy, now and then a few.
        UV_THREADPOOL_SIZE: String(Math.max(threads * 2, availableParallelism()) + 4),
        // More arenas of glibc's allocator keep more freed memory from the system.
        MALLOC_ARENA_MAX: '2',
        // Buffers of pixels go back to the system when they are freed; smaller ones are kept, which is faster.
        MALLOC_MMAP_THRESHOLD_: String(16 * 2 ** 20),
        MALLOC_TRIM_THRESHOLD_: String(64 * 2 ** 20),
        VIPS_WARNING: '0',
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const end = (how: string) => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      events.onEnd(how);
    };
    this.#process.on('message', (report: Report) => {
      if (report.kind === 'ready') events.onReady();
      else if (report.kind === 'memory') events.onMemory(report.bytes);
      else events.onOutcome(report.id, report.outcome);
    });
    this.#process.once('error', (error) => end(error.message));
    this.#process.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Starts a task; its outcome comes by {@link ChildEvents.onOutcome}. */
  send(id: number, task: DecoderTask): void {
    // A child that is just dying can't be written to; its end is reported anyway.
    this.#process.send({ id, task }, () => {});
  }

  /** Ends it at once; {@link ChildEvents.onEnd} follows. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
