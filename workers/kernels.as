// AssemblyScript: what JavaScript is too slow for. `node workers/build-kernels.ts` makes kernels-wasm.ts of it.
// All arguments are addresses and counts of bytes unless said otherwise. Who calls leaves 16 bytes free behind
// every place that is read or written, and checks that places lie within the memory.

/**
 * 2 × 2 means of two rows of RGB, rounded half up; an odd last column stands for two.
 *
 * @param width of the two rows, px
 */
export function halveRows(upper: usize, lower: usize, to: usize, width: i32): void {
  const pairs = width >> 1;
  let i = 0;
  for (; i + 4 <= pairs; i += 4) {
    halveEight(upper, lower, to);
    upper += 24;
    lower += 24;
    to += 12;
  }
  for (; i < pairs; i++) {
    for (let c: usize = 0; c < 3; c++) {
      const left = <u32>load<u8>(upper + c) + <u32>load<u8>(lower + c);
      const right = <u32>load<u8>(upper + c + 3) + <u32>load<u8>(lower + c + 3);
      store<u8>(to + c, <u8>((left + right + 2) >> 2));
    }
    upper += 6;
    lower += 6;
    to += 3;
  }
  if (width & 1)
    for (let c: usize = 0; c < 3; c++)
      store<u8>(to + c, <u8>((<u32>load<u8>(upper + c) + <u32>load<u8>(lower + c) + 1) >> 1));
}

/** 8 px of two rows, 24 bytes each, give 4 px, 12 bytes. */
@inline
function halveEight(upper: usize, lower: usize, to: usize): void {
  const u0 = v128.load(upper);
  const l0 = v128.load(lower);
  const u1 = v128.load(upper + 8);
  const l1 = v128.load(lower + 8);
  // Sums of the two rows: samples 0–7, 8–15, 16–23.
  const s0 = i16x8.add(i16x8.extend_low_i8x16_u(u0), i16x8.extend_low_i8x16_u(l0));
  const s1 = i16x8.add(i16x8.extend_high_i8x16_u(u0), i16x8.extend_high_i8x16_u(l0));
  const s2 = i16x8.add(i16x8.extend_high_i8x16_u(u1), i16x8.extend_high_i8x16_u(l1));
  // Left px of each pair: 0 1 2, 6 7 8, 12 13 14, 18 19 20; right: 3 4 5, 9 10 11, 15 16 17, 21 22 23.
  const left = v128.shuffle<u16>(s0, s1, 0, 1, 2, 6, 7, 8, 12, 13);
  const right = v128.shuffle<u16>(v128.shuffle<u16>(s0, s1, 3, 4, 5, 9, 10, 11, 15, 0), s2, 0, 1, 2, 3, 4, 5, 6, 8);
  const leftEnd = v128.shuffle<u16>(s1, s2, 6, 10, 11, 12, 0, 0, 0, 0);
  const rightEnd = v128.shuffle<u16>(s2, s2, 1, 5, 6, 7, 0, 0, 0, 0);
  const two = i16x8.splat(2);
  const first = i16x8.shr_u(i16x8.add(i16x8.add(left, right), two), 2);
  const second = i16x8.shr_u(i16x8.add(i16x8.add(leftEnd, rightEnd), two), 2);
  const means = i8x16.narrow_i16x8_u(first, second);
  v128.store64_lane(to, means, 0);
  v128.store32_lane(to + 8, means, 2);
}

/**
 * Undoes TIFF's horizontal predictor in rows of RGB, 8 bits a sample.
 *
 * @param to may be `from`, if the rows lie as far apart
 * @param length of a row
 * @param fromStride from one row to the next, as is `toStride`
 */
export function undoPredictor(
  from: usize,
  to: usize,
  length: i32,
  rows: i32,
  fromStride: usize,
  toStride: usize,
): void {
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride) undoRow(from, to, length);
}

/** Copies rows; as in {@link undoPredictor}. */
export function copyRows(
  from: usize,
  to: usize,
  length: i32,
  rows: i32,
  fromStride: usize,
  toStride: usize,
): void {
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride) memory.copy(to, from, length);
}

@inline
function undoRow(from: usize, to: usize, length: i32): void {
  const end = from + length;
  const none = i8x16.splat(0);
  // The px before, repeated: 5 px are done at once.
  let before = none;
  for (; from + 15 <= end; from += 15, to += 15) {
    let sum = v128.load(from);
    sum = i8x16.add(sum, v128.shuffle<u8>(sum, none, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    sum = i8x16.add(sum, v128.shuffle<u8>(sum, none, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    sum = i8x16.add(sum, v128.shuffle<u8>(sum, none, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3));
    sum = i8x16.add(sum, before);
    before = v128.shuffle<u8>(sum, sum, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12);
    v128.store64_lane(to, sum, 0);
    v128.store32_lane(to + 8, sum, 2);
    v128.store16_lane(to + 12, sum, 6);
    v128.store8_lane(to + 14, sum, 14);
  }
  let red = <u32>i8x16.extract_lane_u(before, 0);
  let green = <u32>i8x16.extract_lane_u(before, 1);
  let blue = <u32>i8x16.extract_lane_u(before, 2);
  for (; from < end; from += 3, to += 3) {
    red += <u32>load<u8>(from);
    green += <u32>load<u8>(from + 1);
    blue += <u32>load<u8>(from + 2);
    store<u8>(to, <u8>red);
    store<u8>(to + 1, <u8>green);
    store<u8>(to + 2, <u8>blue);
  }
}

const clearCode: u32 = 256;
const endCode: u32 = 257;
const firstFree: u32 = 258;
const mostCodes: u32 = 4096;

/**
 * Unpacks TIFF's LZW: codes of 9 to 12 bits, most significant bit first, the first of them a clear code. What a code
 * stands for is a place in what was unpacked already, so it is copied 16 bytes at once.
 *
 * @param table room for 4,100 × 8 bytes
 * @returns bytes unpacked: fewer than `wanted` when the data ends early, -1 when it is damaged
 */
export function unpackLzw(from: usize, length: i32, to: usize, wanted: i32, table: usize): i32 {
  const fromEnd = from + length;
  const start = to;
  const end = to + wanted;
  let bits: u64 = 0;
  let count: u32 = 0;
  let width: u32 = 9;
  let next: u32 = firstFree;
  let limit: u32 = 511;
  // What the code before stood for; length 0 just after a clear code.
  let last: usize = 0;
  let lastLength: u32 = 0;
  while (to < end) {
    if (count < width) {
      if (from + 4 <= fromEnd) {
        bits = (bits << 32) | <u64>bswap<u32>(load<u32>(from));
        from += 4;
        count += 32;
      } else {
        for (; count < width && from < fromEnd; count += 8) bits = (bits << 8) | <u64>load<u8>(from++);
        if (count < width) break;
      }
    }
    count -= width;
    const code = <u32>(bits >> count) & ((1 << width) - 1);
    if (code == endCode) break;
    if (code == clearCode) {
      width = 9;
      next = firstFree;
      limit = 511;
      lastLength = 0;
      continue;
    }
    if (lastLength > 0) {
      if (next > mostCodes) return -1;
      // The code before and the first byte of this one, which is written right behind it.
      store<u32>(table + (next << 3), <u32>last);
      store<u32>(table + (next << 3) + 4, lastLength + 1);
      next++;
      if (next >= limit && width < 12) {
        width++;
        limit = (1 << width) - 1;
      }
    } else if (code > clearCode) return -1;
    last = to;
    if (code < clearCode) {
      store<u8>(to++, <u8>code);
      lastLength = 1;
      continue;
    }
    if (code >= next) return -1;
    const place = <usize>load<u32>(table + (code << 3));
    lastLength = min<u32>(load<u32>(table + (code << 3) + 4), <u32>(end - to));
    copy(place, to, lastLength);
    to += lastLength;
  }
  return <i32>(to - start);
}

/** Copies what may reach into itself, from front to back; up to 15 bytes more than asked for. */
@inline
function copy(from: usize, to: usize, length: u32): void {
  if (to - from >= 16) {
    v128.store(to, v128.load(from));
    for (let i: u32 = 16; i < length; i += 16) v128.store(to + i, v128.load(from + i));
  } else if (to - from >= 4) {
    for (let i: u32 = 0; i < length; i += 4) store<u32>(to + i, load<u32>(from + i));
  } else {
    for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
  }
}
