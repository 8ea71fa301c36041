import { noticeStatus, problemTitle } from '../api/request.ts';

/** Why a tile of a slide that is still being sent is not there yet. */
export const stillArriving = 'still arriving';

/** A tile that could not be had; `message` says why, for the console and the tooltip. */
export class TileError extends Error {
  /** Whether asking again could help: not when the service says that there is no such tile. */
  readonly isPassing: boolean;
  /** How long the service asks to wait, ms. */
  readonly waitMs: number | undefined;

  constructor(
    message: string,
    isPassing: boolean,
    options?: { waitMs?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: options?.cause });
    this.name = 'TileError';
    this.isPassing = isPassing;
    this.waitMs = options?.waitMs;
  }
}

/** How often and how patiently a tile is asked for. */
export interface Patience {
  readonly tries: number;
  /** Before the second try; three times as long before each further one. */
  readonly firstWaitMs: number;
  /** The most that a Retry-After is obeyed. */
  readonly longestWaitMs: number;
}

const defaultPatience: Patience = { tries: 3, firstWaitMs: 400, longestWaitMs: 10_000 };

/**
 * Fetches and decodes one tile, asking again after failures that may pass: no answer, 408, 429, 5xx, a picture
 * that does not decode (then past the browser's cache, which may hold it).
 *
 * @param decode turns the file into what is drawn; a rejection counts as a failed try
 * @throws {TileError} after the last try · an AbortError when `signal` aborts
 */
export async function fetchTile<T>(
  url: string,
  decode: (file: Blob) => Promise<T>,
  signal: AbortSignal,
  patience: Patience = defaultPatience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryTile(url, decode, signal, attempt > 1);
    } catch (error) {
      if (!(error instanceof TileError) || !error.isPassing || attempt >= patience.tries) throw error;
      const backOff = patience.firstWaitMs * 3 ** (attempt - 1);
      await pause(Math.min(patience.longestWaitMs, error.waitMs ?? backOff), signal);
    }
  }
}

async function tryTile<T>(
  url: string,
  decode: (file: Blob) => Promise<T>,
  signal: AbortSignal,
  isAgain: boolean,
): Promise<T> {
  const response = await fetch(url, { signal, cache: isAgain ? 'reload' : 'default' }).catch(
    noAnswer(signal),
  );
  if (!response.ok) {
    const { status } = response;
    noticeStatus(status);
    // Asked for again when it is known to have arrived, not now.
    if (status === 503 && (await isArriving(response))) throw new TileError(stillArriving, false);
    const isPassing = status === 408 || status === 429 || status >= 500;
    throw new TileError(`status ${status}`, isPassing, { waitMs: retryAfterMs(response.headers) });
  }
  const file = await response.blob().catch(noAnswer(signal));
  return decode(file).catch((cause: unknown) => {
    throw new TileError('not a picture', true, { cause });
  });
}

/** Whether the service has not got the tile yet: it then says so in the title of the problem. */
async function isArriving(response: Response): Promise<boolean> {
  return problemTitle(await response.text().catch(() => '')) === 'Still arriving';
}

function noAnswer(signal: AbortSignal) {
  return (cause: unknown): never => {
    signal.throwIfAborted();
    throw new TileError('no answer', true, { cause });
  };
}

/** Retry-After in seconds; its other form, a date, is left to the back-off. */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('Retry-After');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException('the tile is not wanted any more', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
