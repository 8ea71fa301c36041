import type { Audit } from '../audit/audit.ts';
import type { AuditActor, AuditEntry } from '../audit/entry.ts';
import { ServiceError } from '../core/errors.ts';

/** What writes the audit. */
export type AuditSink = Pick<Audit, 'record'>;

/** Who changes something, and from where. */
export interface By {
  readonly actor: AuditActor;
  /** Network address; absent for a command on the machine. */
  readonly address?: string | undefined;
}

/**
 * Makes a change that is written down first, and once more when it fails.
 *
 * @throws {ServiceError} `unavailable` when it cannot be written down: then nothing is done; and whatever `work` throws
 */
export async function recorded<T>(
  audit: AuditSink,
  entry: Omit<AuditEntry, 'outcome'>,
  work: () => Promise<T>,
): Promise<T> {
  await audit.record({ ...entry, outcome: 'done' });
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof ServiceError ? error.kind : 'bug';
    await audit.record({ ...entry, outcome: 'failed', detail: { ...entry.detail, reason } });
    throw error;
  }
}
