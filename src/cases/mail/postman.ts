import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { sendDue } from './outbox.ts';
import { remind } from './reminders.ts';
import { openSmtp, type Mailer } from './smtp.ts';
import { tellNews } from './tell.ts';

/** What the postman stands on. */
export interface PostmanParts {
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
  /** How e-mail is sent; absent: people are told in the page only. */
  readonly mail?: { readonly url: string; readonly from: string; readonly publicUrl: string } | undefined;
  /** Default: the machine's clock. */
  readonly now?: () => number;
}

/** Number of the advisory lock that whoever makes a round holds. */
const lockNumber = 7_310_579_004;

/** Between two rounds, ms. */
const roundMs = 15_000;

/**
 * Tells people what happens to cases: in the page, and by e-mail where that is configured.
 *
 * One process makes a round at a time; the others pass. A round is made whenever somebody says so, and now and then.
 */
export class Postman {
  readonly #parts: PostmanParts;
  readonly #mailer: Mailer | undefined;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;
  #isAskedAgain = false;
  #isClosed = false;

  constructor(parts: PostmanParts) {
    this.#parts = parts;
    this.#mailer = parts.mail && openSmtp(parts.mail);
    this.#timer = setInterval(() => void this.look(), roundMs);
    this.#timer.unref();
  }

  /** Makes a round; when one is under way, another after it. Failures are logged: the next round tries again. */
  async look(): Promise<void> {
    this.#isAskedAgain = true;
    this.#round ??= this.#rounds().finally(() => (this.#round = undefined));
    await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#isAskedAgain && !this.#isClosed) {
      this.#isAskedAgain = false;
      try {
        await this.#makeRound();
      } catch (err) {
        this.#parts.log.warn({ err }, 'people were not told what happened to cases; trying again later');
      }
    }
  }

  async #makeRound(): Promise<void> {
    const { database, mail, now = Date.now } = this.#parts;
    const client = await database.connect();
    try {
      const { rows } = await client.query<{ isMine: boolean }>(
        'select pg_try_advisory_lock($1) as "isMine"',
        [lockNumber],
      );
      if (rows[0]?.isMine !== true) return;
      const delivery = { sendsMail: mail !== undefined, now: now() };
      await tellNews(database, delivery);
      await remind(database, delivery);
      if (mail === undefined || this.#mailer === undefined) return;
      await sendDue({ database, mailer: this.#mailer, publicUrl: mail.publicUrl, now: now() });
    } finally {
      // Gives the lock back, too.
      await client.end();
    }
  }

  /** Makes no more rounds, once the one under way is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#round;
    this.#mailer?.close();
  }
}
