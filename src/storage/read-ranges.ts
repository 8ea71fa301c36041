import type { ByteSource } from './byte-source.ts';

/** A range of bytes; length 0 for what is not stored. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Bytes between two ranges that are cheaper to read than to ask twice. */
const maxGapBytes = 64 * 1024;
/** Bytes of one read: enough to fill a line, small enough to share it. */
const maxReadBytes = 8 * 2 ** 20;
const readsAtOnce = 4;

interface Read extends Range {
  readonly members: number[];
}

/** Bytes of each range, in their order, by few reads. A range listed twice is read once. */
export async function readRanges(source: ByteSource, ranges: readonly Range[]): Promise<Buffer[]> {
  const reads = coalesced(ranges);
  const out: Buffer[] = Array.from(ranges, () => Buffer.alloc(0));
  let next = 0;
  const reader = async () => {
    for (let read = reads[next++]; read !== undefined; read = reads[next++]) {
      const bytes = await source.read(read.offset, read.length);
      for (const i of read.members) {
        const { offset, length } = ranges[i]!; // members are indices of ranges
        out[i] = bytes.subarray(offset - read.offset, offset - read.offset + length);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(readsAtOnce, reads.length) }, reader));
  return out;
}

/** Ranges that lie close together, merged into one read each. */
function coalesced(ranges: readonly Range[]): Read[] {
  const order = ranges.map((_, i) => i).filter((i) => ranges[i]!.length > 0); // i is an index of ranges
  order.sort((a, b) => ranges[a]!.offset - ranges[b]!.offset); // so are a and b
  const reads: Read[] = [];
  for (const i of order) {
    const { offset, length } = ranges[i]!; // as above
    const before = reads.at(-1);
    const end = before === undefined ? 0 : before.offset + before.length;
    const newEnd = Math.max(end, offset + length);
    if (before !== undefined && offset <= end + maxGapBytes && newEnd - before.offset <= maxReadBytes) {
      reads[reads.length - 1] = { ...before, length: newEnd - before.offset };
      before.members.push(i);
    } else reads.push({ offset, length, members: [i] });
  }
  return reads;
}
