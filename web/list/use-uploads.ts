import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { sendSlide, type RunningUpload, type Upload } from './uploads.ts';

/** Files on their way, oldest first. */
export interface Uploads {
  readonly uploads: readonly Upload[];
  readonly add: (files: readonly File[]) => void;
  /** How many have become slides since the page was loaded. */
  readonly arrived: number;
  /** Stops one that is sent, or takes away one that failed. */
  readonly remove: (key: number) => void;
}

/**
 * Sends files one after the other: a scanner's file fills the line by itself, and the first is usable sooner.
 *
 * Belongs to what lives as long as the page: files go on being sent while slides are viewed. Leaving the page itself
 * is asked about first.
 */
export function useUploads(): Uploads {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [arrived, setArrived] = useState(0);
  const running = useRef(new Map<number, RunningUpload>());
  const removed = useRef(new Set<number>());
  const line = useRef<Promise<void>>(Promise.resolve());
  const lastKey = useRef(0);

  const change = useCallback((key: number, part: Partial<Upload>) => {
    setUploads((all) => all.map((upload) => (upload.key === key ? { ...upload, ...part } : upload)));
  }, []);
  const forget = useCallback((key: number) => {
    setUploads((all) => all.filter((upload) => upload.key !== key));
  }, []);

  const send = async (key: number, file: File) => {
    if (removed.current.has(key)) return;
    const upload = sendSlide(file, (part) => change(key, part));
    running.current.set(key, upload);
    try {
      await upload.finished;
      forget(key);
      setArrived((n) => n + 1);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return;
      const reason = error instanceof Error ? error.message : String(error);
      change(key, { state: { kind: 'failed', reason } });
    } finally {
      running.current.delete(key);
    }
  };

  const add = (files: readonly File[]) => {
    for (const file of files) {
      const key = ++lastKey.current;
      const { name, size } = file;
      const fresh = { key, name, totalBytes: size, sentBytes: 0, bytesPerSecond: 0 };
      setUploads((all) => [...all, { ...fresh, state: { kind: 'sending' } }]);
      line.current = line.current.then(() => send(key, file));
    }
  };
  const remove = (key: number) => {
    removed.current.add(key);
    running.current.get(key)?.cancel();
    forget(key);
  };
  useLeaveWarning(uploads.some(({ state }) => state.kind !== 'failed'));
  return { uploads, arrived, add, remove };
}

function useLeaveWarning(isSending: boolean): void {
  useEffect(() => {
    if (!isSending) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isSending]);
}
