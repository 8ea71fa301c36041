import { openSource, type OwnedSource } from '../src/storage/sources.ts';
import type { SourceSpec } from '../src/storage/byte-source.ts';

/** How long a file that nobody reads stays open, ms. */
const idleMs = 5_000;

interface Opened {
  readonly key: string;
  readonly source: OwnedSource;
  timer?: NodeJS.Timeout;
}

/** The file this thread read last: the blocks of one image come one after the other. */
let last: Opened | undefined;

/**
 * Calls `work` with an open source. A thread runs one task at a time, so the last source can stay open for the
 * next block and is closed when another file is wanted, or none for a while.
 */
export async function withSource<T>(spec: SourceSpec, work: (source: OwnedSource) => Promise<T>): Promise<T> {
  const key = JSON.stringify(spec);
  if (last?.key !== key) await closeLast();
  const opened = (last ??= { key, source: await openSource(spec) });
  clearTimeout(opened.timer);
  try {
    return await work(opened.source);
  } finally {
    opened.timer = setTimeout(() => void closeLast(), idleMs).unref();
  }
}

async function closeLast(): Promise<void> {
  const closing = last;
  last = undefined;
  clearTimeout(closing?.timer);
  await closing?.source[Symbol.asyncDispose]();
}
