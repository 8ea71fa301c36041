import type { SlideId } from '../../core/slide.ts';
import { Caretaker, type CaretakerParts } from './caretaker.ts';
import type { PurgeParts } from './purge.ts';
import { Retention } from './retention.ts';

/** Deletion, destruction, and who looks after both. */
export interface Retaining extends AsyncDisposable {
  readonly retention: Retention;
  readonly purging: PurgeParts;
  readonly caretaker: Caretaker;
}

/** What it stands on. */
export interface RetainingParts extends Omit<CaretakerParts, 'onChange'> {
  /** How long a deleted slide can be restored, days. */
  readonly retentionDays: number;
  /** Told of every slide that is deleted, restored or destroyed: what is open is closed, work for it ends. */
  readonly onChange: (id: SlideId) => Promise<void>;
}

/** Puts deletion and destruction together. */
export function openRetention(parts: RetainingParts): Retaining {
  const { database, retentionDays, onChange } = parts;
  const caretaker = new Caretaker(parts);
  return {
    retention: new Retention(database, retentionDays, onChange),
    purging: parts,
    caretaker,
    [Symbol.asyncDispose]: () => caretaker.close(),
  };
}
