/** A Huffman table, to read and to write. @see ITU-T T.81, annex C and F */
export class HuffmanCodes {
  /** Of each code of up to 9 bits, by the 9 bits that it begins: its length times 256, plus its symbol; 0 for longer. */
  readonly #short = new Uint16Array(512);
  readonly #symbols: Uint8Array;
  /** By length: what to add to a code to find its symbol; the least 16 bits that no code so long begins. */
  readonly #base = new Int32Array(17);
  readonly #limits = new Int32Array(17);
  /** By symbol; length 0: it has no code. */
  readonly #codes = new Uint16Array(256);
  readonly #lengths = new Uint8Array(256);

  /**
   * @param counts how many codes there are of each length, 1–16 bits
   * @param symbols in the order of their codes
   */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    this.#symbols = symbols;
    let code = 0;
    let first = 0;
    counts.forEach((count, i) => {
      const length = i + 1;
      this.#base[length] = first - code;
      for (const symbol of symbols.subarray(first, first + count)) {
        this.#codes[symbol] = code;
        this.#lengths[symbol] = length;
        if (length <= 9)
          this.#short.fill(length * 256 + symbol, code << (9 - length), (code + 1) << (9 - length));
        code += 1;
      }
      first += count;
      this.#limits[length] = code << (16 - length);
      code <<= 1;
    });
  }

  /** The symbol whose code `bits` (the next 16) begin with. @returns its length times 256, plus it; 0 for none */
  find(bits: number): number {
    const known = this.#short[bits >> 7]!; // 9 bits
    if (known !== 0) return known;
    for (let length = 10; length <= 16; length += 1)
      // Both tables hold lengths up to 16.
      if (bits < this.#limits[length]!) {
        const symbol = this.#symbols[(bits >> (16 - length)) + this.#base[length]!];
        return symbol === undefined ? 0 : length * 256 + symbol;
      }
    return 0;
  }

  codeOf(symbol: number): number {
    return this.#codes[symbol]!; // a byte
  }

  /** Bits of a symbol's code; 0: it has none. */
  lengthOf(symbol: number): number {
    return this.#lengths[symbol]!; // a byte
  }
}

/** The bits of a scan, stuffed zeros left out; behind its end come zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  /** Bits taken that were not there. */
  #beyond = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Whether more was taken than there was. */
  get isBeyond(): boolean {
    return this.#beyond > this.#count;
  }

  /** The next 16 bits, not taken. */
  peek(): number {
    while (this.#count < 16) this.#fill();
    return (this.#bits >> (this.#count - 16)) & 0xffff;
  }

  skip(count: number): void {
    this.#count -= count;
  }

  /** Takes up to 16 bits. */
  take(count: number): number {
    while (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#bits >> this.#count) & ((1 << count) - 1);
  }

  #fill(): void {
    const byte = this.#bytes[this.#at];
    const isMarker = byte === 0xff && this.#bytes[this.#at + 1] !== 0;
    if (byte === undefined || isMarker) this.#beyond += 8;
    else this.#at += byte === 0xff ? 2 : 1;
    this.#bits = (this.#bits << 8) | (isMarker ? 0 : (byte ?? 0));
    this.#count += 8;
  }
}

/** Writes the bits of a scan. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;

  /** @param bytes with room for all that will be written, from `at` on */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Puts up to 16 bits. */
  put(bits: number, count: number): void {
    this.#bits = (this.#bits << count) | bits;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#bits >> this.#count) & 0xff;
      this.#bytes[this.#at++] = byte;
      if (byte === 0xff) this.#bytes[this.#at++] = 0;
    }
  }

  /** Fills the last byte with ones. @returns where it ends */
  end(): number {
    if (this.#count > 0) this.put(0xff >> this.#count, 8 - this.#count);
    return this.#at;
  }
}
