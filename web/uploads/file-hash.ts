import type { HashMessage } from './hash-worker.ts';

/**
 * SHA-256 of a whole file, hex, made in a thread of its own while the file is being sent.
 *
 * @throws a NotReadableError when the file is gone or was changed · an AbortError when `signal` aborts
 */
export function hashFile(file: Blob, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
  const hashing = new Promise<string>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<HashMessage>) => {
      if ('hash' in data) resolve(data.hash);
      else reject(new DOMException('the file cannot be read to its end', data.error));
    });
    worker.addEventListener('error', ({ message }) => reject(new Error(`hashing failed: ${message}`)));
    signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')), { once: true });
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(file);
  return hashing.finally(() => worker.terminate());
}
