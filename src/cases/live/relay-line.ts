import { newId } from '../../core/ids.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Notices } from '../../db/notices.ts';
import { Notice, type Relay } from './messages.ts';

/** PostgreSQL takes less than 8,000 bytes in a notice. */
const maxNoticeBytes = 7600;

/** What processes tell each other about rooms. */
export interface RelayListener {
  readonly heard: (relay: Relay, process: string) => void;
  /** Some may have been missed. */
  readonly missed: () => void;
}

/**
 * Tells the other processes on the database, in as few notices as possible.
 *
 * While one is under way, what comes is gathered, and of what a newer one replaces only the newest is told: a database
 * that is slow makes pictures jump, and never a queue grow.
 */
export class RelayLine {
  readonly #notices: Pick<Notices, 'tell' | 'on'>;
  readonly #process = newId();
  readonly #waiting = new Map<string, Relay>();
  readonly #off: () => void;
  #isTelling = false;

  constructor(notices: Pick<Notices, 'tell' | 'on'>, { heard, missed }: RelayListener) {
    this.#notices = notices;
    this.#off = notices.on('live', (text) => {
      if (text === undefined) return missed();
      const notice = Notice.safeParse(JSON.parse(text));
      // Of another release, perhaps, while processes are being replaced.
      if (!notice.success || notice.data.process === this.#process) return;
      for (const relay of notice.data.relays) heard(relay, notice.data.process);
    });
  }

  /** @param key what it is about: a newer one of the same key replaces it while it waits */
  add(key: string, relay: Relay): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, relay);
  }

  /** Tells what waits, unless telling is under way: then it goes with the next. */
  async tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (this.#waiting.size > 0) await this.#notices.tell('live', this.#nextNotice());
    } catch (error) {
      // Who is here is told again and again; what was looked at is old by then.
      if (!(error instanceof ServiceError)) throw error;
      this.#waiting.clear();
    } finally {
      this.#isTelling = false;
    }
  }

  #nextNotice(): string {
    const relays: string[] = [];
    let bytes = 100;
    for (const [key, relay] of this.#waiting) {
      const text = JSON.stringify(relay);
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > maxNoticeBytes && relays.length > 0) break;
      relays.push(text);
      this.#waiting.delete(key);
    }
    return `{"process":"${this.#process}","relays":[${relays.join(',')}]}`;
  }

  /** Hears no more. */
  close(): void {
    this.#off();
  }
}
