const failed = new Map<string, number>();

/** Notes how many tiles of a slide could not be loaded and were not since. */
export function noteFailedTiles(slideId: string, count: number): void {
  if (count === 0) failed.delete(slideId);
  else failed.set(slideId, count);
}

/** How many tiles of a slide could not be loaded when it was looked at last in this window. */
export function failedTilesOf(slideId: string): number {
  return failed.get(slideId) ?? 0;
}
