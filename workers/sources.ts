import { openSource, type OwnedSource } from '../src/storage/sources.ts';
import type { SourceSpec } from '../src/storage/byte-source.ts';

/** How long an object that nobody reads stays open, ms. */
const idleMs = 5_000;

interface Opened {
  readonly key: string;
  readonly source: OwnedSource;
  timer?: NodeJS.Timeout;
}

/** The object this thread read last: the blocks of one image come one after the other. */
let last: Opened | undefined;

/**
 * Calls `work` with an open source. A thread runs one task at a time, so the last object can stay open for the next
 * block (its store has connections) and is closed when another is wanted, or none for a while. Objects never change;
 * local files may, and cost nothing to open.
 */
export async function withSource<T>(spec: SourceSpec, work: (source: OwnedSource) => Promise<T>): Promise<T> {
  if (spec.kind === 'file') {
    await using source = await openSource(spec);
    return await work(source);
  }
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
