import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { barsPlot, targetText } from './bars.ts';
import { curvesPlot } from './curves.ts';
import { benchNames } from './options.ts';
import { isMet, ratioOf, type BenchResult, type Row } from './result.ts';
import { reportPage } from './report-page.ts';
import { plain } from './svg.ts';

const resultsFolder = fileURLToPath(new URL('results', import.meta.url));
const readme = fileURLToPath(new URL('README.md', import.meta.url));

/** A plot and the name of its files. */
export interface Plot {
  readonly name: string;
  readonly svg: string;
}

/** Keeps what a benchmark found, as `results/<name>.json`. */
export async function keepResult(result: BenchResult): Promise<void> {
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * Writes the report over all results that are kept: one HTML page, each plot as SVG and PNG, and the table of
 * README.md where the runs were whole ones.
 *
 * @returns path of the page
 */
export async function writeReport(): Promise<string> {
  const results = await keptResults();
  const plots = results.map((result) => ({ result, plots: plotsOf(result) }));
  for (const { name, svg } of plots.flatMap((one) => one.plots)) {
    await writeFile(join(resultsFolder, `${name}.svg`), svg);
    await sharp(Buffer.from(svg), { density: 144 })
      .png()
      .toFile(join(resultsFolder, `${name}.png`));
  }
  const page = join(resultsFolder, 'report.html');
  await writeFile(page, reportPage(plots));
  await updateReadme(results.filter(({ isQuick }) => !isQuick));
  return page;
}

async function keptResults(): Promise<BenchResult[]> {
  const paths = benchNames
    .map((name) => join(resultsFolder, `${name}.json`))
    .filter((path) => existsSync(path));
  return await Promise.all(
    paths.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as BenchResult), // we wrote it
  );
}

/** Rows with a figure to reach first: they are what a reader came for. */
function plotsOf({ name, title, rows, curves }: BenchResult): Plot[] {
  const aimed = rows.filter(({ target }) => target !== undefined);
  const others = rows.filter(({ target }) => target === undefined);
  return [
    ...(aimed.length > 0 ? [{ name, svg: barsPlot(title, aimed) }] : []),
    ...(others.length > 0
      ? [{ name: `${name}-costs`, svg: barsPlot(`${title}: what it costs`, others) }]
      : []),
    ...curves.map((one, i) => ({ name: `${name}-curve-${i + 1}`, svg: curvesPlot(one) })),
  ];
}

/** Puts the table of figures between its marks in README.md. */
async function updateReadme(results: readonly BenchResult[]): Promise<void> {
  if (results.length === 0) return;
  const text = await readFile(readme, 'utf8');
  const marks = /(<!-- results -->\n)[^]*(<!-- \/results -->)/;
  if (!marks.test(text)) throw new Error('bench/README.md has lost the marks around its results');
  const lines = results.flatMap(({ rows }) =>
    rows.filter(({ target }) => target !== undefined).map(tableLine),
  );
  const { machine, startedAt } = results[0]!; // length was asked above
  const table = [
    `${startedAt.slice(0, 10)} · ${machine.cores} cores, ${machine.processor}, ${machine.memory} GiB · ${machine.system}, Linux ${machine.kernel}`,
    '',
    '| what | ours | peer | ratio | to reach | |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ];
  await writeFile(
    readme,
    text.replace(marks, (_, open: string, close: string) => `${open}${table.join('\n')}${close}`),
  );
}

function tableLine(row: Row): string {
  const { what, unit, ours, peer, target } = row;
  const ratio = ratioOf(row);
  return `| ${[
    what,
    `${plain(ours.spread.median)} ${unit}`,
    peer === undefined ? '' : `${plain(peer.spread.median)} ${unit}, ${peer.name}`,
    ratio === undefined ? '' : `${plain(ratio)}×`,
    target === undefined ? '' : targetText(target),
    isMet(row) === true ? 'reached' : '**not reached**',
  ].join(' | ')} |`;
}
