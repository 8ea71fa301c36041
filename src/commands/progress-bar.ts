import cliProgress from 'cli-progress';
import type { ReportProgress } from '../core/progress.ts';

/** A progress bar on a terminal; on anything else one line for each tenth. */
export interface Progress {
  readonly report: ReportProgress;
  stop(): void;
}

/** Starts showing how far `title` has come, on standard error. */
export function showProgress(title: string): Progress {
  return process.stderr.isTTY ? bar(title) : lines(title);
}

/** The bar for a person at a terminal. */
function bar(title: string): Progress {
  const shown = new cliProgress.SingleBar(
    {
      format: `${title} {bar} {percentage} %  {duration_formatted}  {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 50,
    },
    cliProgress.Presets.shades_classic,
  );
  shown.start(1000, 0);
  return {
    report: (done, total) => shown.update(Math.floor((1000 * done) / Math.max(1, total))),
    stop: () => shown.stop(),
  };
}

/** A line for each tenth, for logs. */
function lines(title: string): Progress {
  let said = -1;
  return {
    report: (done, total) => {
      const tenth = Math.floor((10 * done) / Math.max(1, total));
      if (tenth <= said) return;
      said = tenth;
      process.stderr.write(`${title} ${tenth * 10} %\n`);
    },
    stop: () => {},
  };
}
