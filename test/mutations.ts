import { readFileSync } from 'node:fs';

/** Numbers that look random and are the same every time, below 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where the numbers of a file stand that say what it is. */
interface Region {
  readonly start: number;
  readonly end: number;
}

/** Headers of a TIFF (its directories), or the first bytes of anything else. */
export function headersOf(bytes: Buffer): Region[] {
  const regions: Region[] = [{ start: 0, end: Math.min(bytes.length, 16) }];
  const order = bytes.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return [{ start: 0, end: Math.min(bytes.length, 700) }];
  const isLittle = order === 'II';
  const number = (at: number, width: number): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (at + width > bytes.length) return 0;
    if (width === 2) return view.getUint16(at, isLittle);
    return width === 4 ? view.getUint32(at, isLittle) : Number(view.getBigUint64(at, isLittle));
  };
  const isBig = number(2, 2) === 43;
  const [countBytes, entryBytes, wide] = isBig ? [8, 20, 8] : [2, 12, 4];
  for (let at = number(isBig ? 8 : 4, wide), n = 0; at > 0 && at < bytes.length && n < 20; n += 1) {
    const end = at + countBytes + number(at, countBytes) * entryBytes;
    regions.push({ start: at, end: Math.min(bytes.length, end + wide) });
    at = number(end, wide);
  }
  return regions;
}

const telling = [0, 1, 2, 7, 8, 255, 256, 32_767, 65_535];

/** A copy with one to four numbers of its headers changed; now and then cut short instead. */
export function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  if (random() < 0.08) return copy.subarray(0, Math.floor(random() * copy.length));
  const regions = headersOf(bytes);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0, n = 1 + below(4); i < n; i += 1) {
    const { start, end } = regions[below(regions.length)] ?? { start: 0, end: 1 };
    const at = start + below(Math.max(1, end - start));
    const kind = random();
    if (kind < 0.4) copy[at] = below(256);
    else if (kind < 0.6) copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
    else if (kind < 0.8 && at + 2 <= copy.length) copy.writeUInt16LE(telling[below(telling.length)] ?? 0, at);
    else if (kind < 0.95 && at + 4 <= copy.length)
      copy.writeUInt32LE(random() < 0.5 ? 0xffffffff : below(2 ** 32), at);
    else if (at + 12 <= copy.length) copy.copy(copy, at, start, Math.min(start + 12, copy.length));
  }
  return copy;
}

function residentKib(pid: number | string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

/** Memory that this process and its children hold, bytes. */
export function memoryOfTree(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .split(' ')
    .filter(Boolean);
  let sum = residentKib('self');
  for (const child of children) {
    try {
      sum += residentKib(child);
    } catch (error) {
      // It has ended since it was listed.
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')))
        throw error;
    }
  }
  return sum * 1024;
}
