/** A run of bytes of a file. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** Byte behind the last one of a span. */
function endOf({ start, length }: Span): number {
  return start + length;
}

/** The same bytes as few spans, in the order of the file; those at most `gap` bytes apart become one. */
export function merged(spans: readonly Span[], gap = 0): Span[] {
  const found: Span[] = [];
  for (const span of spans.filter(({ length }) => length > 0).toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last === undefined || span.start > endOf(last) + gap) found.push(span);
    else
      found[found.length - 1] = {
        start: last.start,
        length: Math.max(endOf(last), endOf(span)) - last.start,
      };
  }
  return found;
}

/** What `spans` hold and `taken` do not, in the order of the file. */
export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  const holes = merged(taken);
  const left: Span[] = [];
  let passed = 0;
  for (const span of merged(spans)) {
    const end = endOf(span);
    let at = span.start;
    while (passed < holes.length && endOf(holes[passed] ?? span) <= at) passed++;
    for (let i = passed; i < holes.length; i++) {
      const hole = holes[i];
      if (hole === undefined || hole.start >= end) break;
      if (hole.start > at) left.push({ start: at, length: hole.start - at });
      at = endOf(hole);
    }
    if (at < end) left.push({ start: at, length: end - at });
  }
  return left;
}

/** The span, reaching out to whole blocks of a file of `size` bytes. */
export function toBlocks(span: Span, block: number, size: number): Span {
  const start = Math.floor(span.start / block) * block;
  const end = Math.min(size, Math.ceil(endOf(span) / block) * block);
  return { start, length: end - start };
}

/** A span in pieces of at most `most` bytes. */
export function pieces({ start, length }: Span, most: number): Span[] {
  const count = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: count }, (_, i) => {
    const from = start + Math.floor((length * i) / count);
    return { start: from, length: start + Math.floor((length * (i + 1)) / count) - from };
  });
}

/** Bytes of all spans together. */
export function totalLength(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}
