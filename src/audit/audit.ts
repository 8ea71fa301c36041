import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import { appendEntries, type AuditPlace } from './append.ts';
import type { AuditEntry } from './entry.ts';

/** Most rows written together. */
const maxBatch = 256;

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: (place: AuditPlace) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes the audit. What comes while a transaction is under way goes into the next one together, so that many rows
 * cost about as much as one.
 */
export class Audit {
  readonly #database: Database;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  /** @param database stays open as long as the audit is used */
  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Writes one row; when this resolves it is on disk.
   *
   * @throws {ServiceError} `unavailable` when it could not be written: then what it tells of must not take place
   */
  async record(entry: AuditEntry): Promise<AuditPlace> {
    return await new Promise((done, failed) => {
      this.#waiting.push({ entry, done, failed });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when all that was given to {@link record} so far is written, or was refused. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What is recorded in the same turn of the event loop goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch);
      try {
        const entries = batch.map(({ entry }) => entry);
        const places = await this.#database.transaction((db) => appendEntries(db, entries));
        batch.forEach(({ done }, i) => done(places[i]!)); // one for each entry
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `the audit could not be written, so nothing was done; ${reason}`;
        for (const { failed } of batch) failed(new ServiceError('unavailable', message, { cause }));
      }
    }
    this.#writing = undefined;
  }
}
