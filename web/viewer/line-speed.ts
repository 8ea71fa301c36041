/** How fast tiles come in, over the time in which any was under way, and how much may be fetched before it is needed. */
export class LineSpeed {
  readonly #now: () => number;
  #underWay = 0;
  #since = 0;
  #busyMs = 0;
  #bytes = 0;
  readonly #ahead: { readonly at: number; readonly bytes: number }[] = [];

  /** @param now ms, never going back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A download has begun. @returns to be called once at its end, with the bytes that came, 0 when it failed */
  begin(): (bytes: number) => void {
    const begun = this.#now();
    if (this.#underWay === 0) this.#since = begun;
    this.#underWay++;
    return (bytes) => {
      const ended = this.#now();
      this.#busyMs += ended - this.#since;
      this.#since = ended;
      this.#underWay--;
      this.#bytes += bytes;
      this.#fade();
    };
  }

  /** Bytes per second; undefined while too little came to tell. */
  get bytesPerSecond(): number | undefined {
    if (this.#bytes < leastBytes || this.#busyMs < leastMs) return undefined;
    return (this.#bytes / this.#busyMs) * 1000;
  }

  /** Whether a screen of tiles comes in about a quarter of a second; undefined while too little came to tell. */
  get isFast(): boolean | undefined {
    const speed = this.bytesPerSecond;
    return speed === undefined ? undefined : speed >= fastFrom;
  }

  /** Notes what was fetched ahead, against the minute's allowance. */
  noteAhead(bytes: number): void {
    this.#ahead.push({ at: this.#now(), bytes });
  }

  /** Bytes that may still be fetched ahead now, out of what is allowed in a minute. */
  allowance(): number {
    const from = this.#now() - 60_000;
    while ((this.#ahead[0]?.at ?? Infinity) < from) this.#ahead.shift();
    const used = this.#ahead.reduce((sum, { bytes }) => sum + bytes, 0);
    return Math.max(0, bytesPerMinute(this.bytesPerSecond) - used);
  }

  /** What is long ago counts less and less: lines change when people walk about. */
  #fade(): void {
    if (this.#busyMs < fadeAfterMs) return;
    this.#busyMs /= 2;
    this.#bytes /= 2;
  }
}

/** A screen of some forty tiles is about 300 kB: 8 Mbit/s. */
const fastFrom = 1e6;

const leastBytes = 64 * 2 ** 10;
const leastMs = 50;
const fadeAfterMs = 20_000;

/** The most that is fetched ahead in a minute, on the best of lines: some 1,500 tiles. */
const mostPerMinute = 40 * 2 ** 20;
/** While the line is not known. */
const cautiousPerMinute = 6 * 2 ** 20;

/**
 * Bytes that may be fetched ahead in a minute: a quarter of what the line carries.
 *
 * @param bytesPerSecond as measured; undefined when not known yet
 */
export function bytesPerMinute(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return cautiousPerMinute;
  return Math.min(mostPerMinute, bytesPerSecond * 60 * 0.25);
}

/** The speed of this page's line. */
export const lineSpeed = new LineSpeed();
