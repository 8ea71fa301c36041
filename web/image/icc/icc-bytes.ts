/** Why a colour profile cannot be used. */
export class IccError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IccError';
  }
}

/** A part of a profile's bytes, which nothing reads beyond. Numbers are big-endian. */
export class IccBytes {
  readonly #view: DataView;

  constructor(bytes: ArrayBuffer | DataView) {
    this.#view = bytes instanceof DataView ? bytes : new DataView(bytes);
  }

  get length(): number {
    return this.#view.byteLength;
  }

  /** `length` bytes from `at` on; to the end when it is left out. @throws {IccError} when there are not so many */
  part(at: number, length = this.length - at): IccBytes {
    this.#check(at, length);
    return new IccBytes(new DataView(this.#view.buffer, this.#view.byteOffset + at, length));
  }

  /** @throws {IccError} beyond the end, as do the others */
  u8(at: number): number {
    this.#check(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at);
  }

  u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at);
  }

  /** A signed number with 16 bits after the point. */
  s15Fixed16(at: number): number {
    this.#check(at, 4);
    return this.#view.getInt32(at) / 65_536;
  }

  /** Four letters, e.g. `RGB `. */
  signature(at: number): string {
    this.#check(at, 4);
    return String.fromCharCode(...[0, 1, 2, 3].map((i) => this.#view.getUint8(at + i)));
  }

  /** `count` numbers of 1 or 2 bytes, as parts of the largest: 0 to 1. */
  shares(at: number, count: number, width: 1 | 2): Float32Array {
    this.#check(at, count * width);
    const view = this.#view;
    const read =
      width === 1
        ? (i: number) => view.getUint8(at + i) / 255
        : (i: number) => view.getUint16(at + 2 * i) / 65_535;
    const shares = new Float32Array(count);
    for (let i = 0; i < count; i++) shares[i] = read(i);
    return shares;
  }

  #check(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.length)
      throw new IccError(`it ends before byte ${at + length} of a part of ${this.length} bytes`);
  }
}
