import cliProgress from 'cli-progress';

/** How far a transfer is: bytes, speed, time left. On a terminal a bar, on anything else a line now and then. */
export interface TransferBar {
  /** @param what is done, for a person: `sending 2 of 5` */
  report(what: string, doneBytes: number, totalBytes: number): void;
  /** Writes a line that stays. */
  say(line: string): void;
  stop(): void;
}

/** Speed is that of the last seconds, ms. */
const windowMs = 10_000;
/** Between two lines where there is no terminal, ms. */
const lineMs = 30_000;

/** Starts showing a transfer on standard error. */
export function showTransfer(): TransferBar {
  return process.stderr.isTTY ? bar() : lines();
}

function bar(): TransferBar {
  const speed = new Speed();
  const shown = new cliProgress.SingleBar(
    { format: '{what} {bar} {percentage} %  {rate}', stream: process.stderr, hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  let isShown = false;
  const stop = () => {
    if (isShown) shown.stop();
    isShown = false;
  };
  return {
    report: (what, done, total) => {
      if (!isShown) shown.start(1000, 0, { what, rate: '' });
      isShown = true;
      shown.update(Math.floor((1000 * done) / Math.max(1, total)), { what, rate: speed.text(done, total) });
    },
    say: (line) => {
      // The bar is drawn anew below the line.
      stop();
      process.stderr.write(`${line}\n`);
    },
    stop,
  };
}

function lines(): TransferBar {
  const speed = new Speed();
  let said = performance.now();
  return {
    report: (what, done, total) => {
      const text = speed.text(done, total);
      if (performance.now() - said < lineMs) return;
      said = performance.now();
      process.stderr.write(`${what} ${Math.floor((100 * done) / Math.max(1, total))} %  ${text}\n`);
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    stop: () => {},
  };
}

/** Bytes a second, of the last seconds. */
class Speed {
  #seen: { readonly at: number; readonly bytes: number }[] = [];

  /** `12.3 MB/s, 4 min left`. */
  text(done: number, total: number): string {
    const at = performance.now();
    this.#seen.push({ at, bytes: done });
    while (this.#seen.length > 2 && at - (this.#seen[0]?.at ?? at) > windowMs) this.#seen.shift();
    const first = this.#seen[0];
    const seconds = first === undefined ? 0 : (at - first.at) / 1000;
    const rate = seconds === 0 ? 0 : (done - (first?.bytes ?? 0)) / seconds;
    if (rate <= 0) return '';
    return `${(rate / 1e6).toFixed(1)} MB/s, ${durationText((total - done) / rate)} left`;
  }
}

/** `40 s`, `3 min`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
