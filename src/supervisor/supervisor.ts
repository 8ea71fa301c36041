import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { Slot, type Fork } from './child.ts';

/** What a supervisor starts. */
export interface SupervisorOptions {
  /** How each kind of process is started, and how many of it. */
  readonly processes: readonly { readonly name: string; readonly fork: Fork; readonly count: number }[];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** How long a process may take to end before it is killed, ms. */
const patienceMs = 12_000;

/** Processes of one machine: started together, started again when one ends, replaced one by one, ended together. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slot[] = [];
  #isStopping = false;
  #rolling: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts the processes: one, and when it listens all others.
   *
   * @returns its address
   * @throws {ServiceError} `unavailable` when it ends instead; what keeps it from listening it has said itself
   */
  async start(): Promise<string> {
    const { processes, log } = this.#options;
    const [first, ...others] = processes.flatMap(({ name, fork, count }) =>
      Array.from({ length: count }, () => () => new Slot(name, fork, log)),
    );
    if (first === undefined) throw new ServiceError('invalid', 'no process is to be started');
    const slot = first();
    this.#slots.push(slot);
    const url = await slot.child.ready;
    if (url === undefined) throw new ServiceError('unavailable', 'the first process listens nowhere');
    if (!this.#isStopping) this.#slots.push(...others.map((make) => make()));
    for (const one of this.#slots) one.guard();
    return url;
  }

  /** Process numbers of those that run now. */
  get pids(): readonly number[] {
    return this.#slots.map(({ child }) => child.pid).filter((pid) => pid !== undefined);
  }

  /** Replaces one process after the other, each once its successor is ready; asked again meanwhile, once. */
  async roll(): Promise<void> {
    this.#rolling ??= this.#roll().finally(() => (this.#rolling = undefined));
    await this.#rolling;
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#slots.map((slot) => slot.stop(patienceMs)));
  }

  async #roll(): Promise<void> {
    for (const slot of this.#slots) {
      try {
        await slot.replace(patienceMs);
      } catch (error) {
        this.#options.log.error({ err: error }, 'process not replaced; the old one stays');
        return;
      }
    }
    this.#options.log.info('every process was replaced');
  }
}
