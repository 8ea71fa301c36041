import { ServiceError } from '../core/errors.ts';

/** The farthest a signed number may be from 0: doubled by the zigzag it must still be exact. */
const maxDistance = 2 ** 52 - 1;

/**
 * Writes whole numbers in as few bytes as they need: seven bits a byte, lowest first, the top bit set on all but
 * the last.
 *
 * @see Protocol Buffers, "Base 128 Varints" and "ZigZag"
 */
export class VarintWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #at = 0;

  /** @param value 0 to 2^53 − 1 */
  write(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no count`);
    if (this.#at + 8 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** @param value −(2^52 − 1) to 2^52 − 1; small in either direction is short */
  writeSigned(value: number): void {
    if (Math.abs(value) > maxDistance) throw new Error(`${value} is too far`);
    this.write(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** What was written so far. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Reads what a {@link VarintWriter} wrote. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws {ServiceError} `damaged` when the number is larger than `max`, or the bytes end within it */
  read(max: number): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ServiceError('damaged', 'a number is cut off');
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      if (value <= max) return value;
      break;
    }
    throw new ServiceError('damaged', `a number above ${max}`);
  }

  /** @throws {ServiceError} `damaged` as {@link read} */
  readSigned(): number {
    const zigzag = this.read(Number.MAX_SAFE_INTEGER);
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
}
