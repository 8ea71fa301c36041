import { ApiError, problemText } from '../api/request.ts';

/**
 * Sends a file in one request, to a service that keeps no uploads: one that shows local files, without a database.
 *
 * @throws {ApiError} when it is refused or the line is cut · an AbortError
 */
export async function sendWhole(name: string, file: Blob, signal: AbortSignal): Promise<void> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  const init = { method: 'POST', headers, body: file, signal };
  const response = await fetch(`/slides?name=${encodeURIComponent(name)}`, init).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new ApiError(0, 'The connection broke. Try again.', { cause });
  });
  if (!response.ok) throw new ApiError(response.status, problemText(response.status, await response.text()));
}
