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
  readonly #slots: readonly Slot[];
  readonly #log: SupervisorOptions['log'];
  #rolling: Promise<void> | undefined;

  /** Starts the processes. */
  constructor({ processes, log }: SupervisorOptions) {
    this.#log = log;
    this.#slots = processes.flatMap(({ name, fork, count }) =>
      Array.from({ length: count }, () => new Slot(name, fork, log)),
    );
  }

  /**
   * Resolves when every process is ready, with their address; from then on they are looked after.
   *
   * @throws {ServiceError} `unavailable` when one of them ends instead; then all are ended
   */
  async ready(): Promise<string> {
    try {
      const urls = await Promise.all(this.#slots.map(({ child }) => child.ready));
      for (const slot of this.#slots) slot.guard();
      const url = urls.find((one) => one !== undefined);
      if (url === undefined) throw new ServiceError('unavailable', 'no process listens');
      return url;
    } catch (error) {
      await this.stop();
      throw error;
    }
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
    await Promise.all(this.#slots.map((slot) => slot.stop(patienceMs)));
  }

  async #roll(): Promise<void> {
    for (const slot of this.#slots) {
      try {
        await slot.replace(patienceMs);
      } catch (error) {
        this.#log.error({ err: error }, 'process not replaced; the old one stays');
        return;
      }
    }
    this.#log.info('every process was replaced');
  }
}
