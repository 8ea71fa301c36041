import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { hashFile } from '../uploads/file-hash.ts';
import { parcelsOf, type PlacedFile } from '../uploads/parcel.ts';
import { UploadQueue, type QueueSeen } from '../uploads/queue.ts';
import { indexedDbMemory } from '../uploads/remembered.ts';
import { planSpans } from '../uploads/tiff-plan.ts';
import { isUnderWay } from '../uploads/upload.ts';

/** Slides on their way, and what can be done with them. */
export interface Uploads extends QueueSeen {
  readonly queue: UploadQueue;
  /** Takes files in, as the slides that they are. */
  readonly add: (files: readonly PlacedFile[]) => void;
}

/**
 * The queue of slides on their way.
 *
 * Belongs to what lives as long as the page: files go on being sent while slides are viewed. Leaving the page itself
 * is asked about first.
 */
export function useUploads(): Uploads {
  const [seen, setSeen] = useState<QueueSeen>({ uploads: [], isPaused: false, ended: 0 });
  const kept = useRef<UploadQueue>(undefined);
  kept.current ??= new UploadQueue({ plan: planSpans, hash: hashFile, memory: indexedDbMemory }, setSeen);
  const queue = kept.current;
  const add = useCallback((files: readonly PlacedFile[]) => void queue.add(parcelsOf(files)), [queue]);
  useLeaveWarning(!seen.isPaused && seen.uploads.some(isUnderWay));
  return { ...seen, queue, add };
}

function useLeaveWarning(isSending: boolean): void {
  useEffect(() => {
    if (!isSending) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isSending]);
}
