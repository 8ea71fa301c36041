import { describe, expect, it } from 'vitest';
import { pause, waitBefore } from './back-off.ts';

describe('waitBefore', () => {
  it('doubles from half a second to half a minute', () => {
    const waits = [1, 2, 3, 6, 7, 8, 50].map((failures) => waitBefore(failures, undefined, 1));
    expect(waits).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('leaves up to half of it to chance', () => {
    expect(waitBefore(3, undefined, 0)).toBe(1000);
    expect(waitBefore(3, undefined, 0.5)).toBe(1500);
  });

  it('waits at least as long as the service asks', () => {
    expect(waitBefore(1, 12, 1)).toBe(12_000);
    expect(waitBefore(8, 12, 1)).toBe(30_000);
  });
});

describe('pause', () => {
  it('ends at once when it is stopped, before or meanwhile', async () => {
    const stop = new AbortController();
    const waiting = pause(3_600_000, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow('stopped');
    await expect(pause(3_600_000, stop.signal)).rejects.toThrow('stopped');
  });

  it('waits', async () => {
    await expect(pause(5, new AbortController().signal)).resolves.toBeUndefined();
  });
});
