import { getUpload } from '../api/uploads.ts';
import { pause } from './back-off.ts';
import { persist } from './persist.ts';

/** What became of a slide whose every byte has arrived. */
export type Arrival =
  | { readonly kind: 'arrived' }
  /** Another slide holds the same bytes. */
  | { readonly kind: 'duplicate'; readonly ofSlideId: string };

const askAgainMs = 500;

/** Waits until the service has made a slide of an upload; its state then says what it is. @throws {ApiError} · an AbortError */
export async function arrivalOf(uploadId: string, signal: AbortSignal): Promise<Arrival> {
  for (;;) {
    const { state, duplicateOf } = await persist(() => getUpload(uploadId, signal), signal);
    if (duplicateOf !== undefined) return { kind: 'duplicate', ofSlideId: duplicateOf };
    if (state === 'done') return { kind: 'arrived' };
    await pause(askAgainMs, signal);
  }
}
