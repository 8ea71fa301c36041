import * as z from 'zod/mini';

/** What this browser remembers of an upload that it began, to find its file again after a reload. */
export interface Remembered {
  readonly uploadId: string;
  readonly fingerprint: string;
  readonly handle?: FileSystemFileHandle | undefined;
}

/** Memory of uploads under way. */
export interface UploadMemory {
  remember(upload: Remembered): Promise<void>;
  recall(uploadId: string): Promise<Remembered | undefined>;
  forget(uploadId: string): Promise<void>;
  /** Tells the browser's other tabs that this one sends an upload, until `signal` aborts or the tab is closed. */
  hold(uploadId: string, signal: AbortSignal): void;
  /** Whether another tab sends it. */
  isHeldElsewhere(uploadId: string): Promise<boolean>;
}

const table = 'uploads';
const Row = z.object({ uploadId: z.string(), fingerprint: z.string(), handle: z.optional(z.unknown()) });

/** Keeps it in IndexedDB, the only place of a browser that takes handles of files. */
export const indexedDbMemory: UploadMemory = {
  async remember(upload) {
    await request((store) => store.put(upload), 'readwrite');
  },
  async recall(uploadId) {
    const row = z.safeParse(Row, await request((store) => store.get(uploadId), 'readonly'));
    if (!row.success) return undefined;
    const { handle, ...rest } = row.data;
    const isHandle = typeof FileSystemFileHandle === 'function' && handle instanceof FileSystemFileHandle;
    return isHandle ? { ...rest, handle } : rest;
  },
  async forget(uploadId) {
    await request((store) => store.delete(uploadId), 'readwrite');
  },
  hold(uploadId, signal) {
    const untilStopped = () =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    // Only pages that came by https or from this machine have locks; elsewhere each tab goes by itself.
    locks()
      ?.request(lockName(uploadId), { ifAvailable: true }, untilStopped)
      .catch((error: unknown) => console.warn('other tabs do not know what this one sends', error));
  },
  async isHeldElsewhere(uploadId) {
    const seen = await locks()?.query();
    return seen?.held?.some(({ name }) => name === lockName(uploadId)) ?? false;
  },
};

function locks(): LockManager | undefined {
  return 'locks' in navigator ? navigator.locks : undefined;
}

function lockName(uploadId: string): string {
  return `telepath-upload-${uploadId}`;
}

/** One request; in private windows, which keep nothing, its answer is undefined. */
async function request(
  ask: (store: IDBObjectStore) => IDBRequest,
  mode: IDBTransactionMode,
): Promise<unknown> {
  const opening = indexedDB.open('telepath', 1);
  opening.addEventListener('upgradeneeded', () =>
    opening.result.createObjectStore(table, { keyPath: 'uploadId' }),
  );
  try {
    await settled(opening);
    const asked = ask(opening.result.transaction(table, mode).objectStore(table));
    await settled(asked);
    const answer: unknown = asked.result;
    opening.result.close();
    return answer;
  } catch (error) {
    // Sending goes on without it: after a reload the file is then matched by its name and size.
    console.warn('this browser cannot remember what is being sent', error);
    return undefined;
  }
}

function settled(asked: IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    asked.addEventListener('success', () => resolve());
    asked.addEventListener('error', () => reject(asked.error ?? new Error('no reason given')));
  });
}

/** What browsers that have handles ask a person for. */
interface Permitting {
  requestPermission?(wish: { readonly mode: 'read' }): Promise<PermissionState>;
}

/** The file behind a handle, once the person lets the page read it; must be called in answer to a click. */
export async function fileBehind(handle: FileSystemFileHandle & Permitting): Promise<File | undefined> {
  try {
    if ((await handle.requestPermission?.({ mode: 'read' })) !== 'granted') return undefined;
    return await handle.getFile();
  } catch (error) {
    // Moved or deleted: then the person is asked where it is now.
    console.warn('the file is not where it was', error);
    return undefined;
  }
}
