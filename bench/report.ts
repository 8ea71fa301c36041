import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { barsPlot } from './bars.ts';
import { curvesPlot } from './curves.ts';
import { benchNames } from './options.ts';
import type { BenchResult } from './result.ts';
import { reportPage } from './report-page.ts';
import { figuresTable } from './table.ts';

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
  await mkdir(resultsFolder, { recursive: true });
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
  const text = await readFile(readme, 'utf8');
  const marks = /(<!-- results -->\n)[^]*(<!-- \/results -->)/;
  if (!marks.test(text)) throw new Error('bench/README.md has lost the marks around its results');
  const table = figuresTable(results);
  await writeFile(
    readme,
    text.replace(marks, (_, open: string, close: string) => `${open}\n${table}\n${close}`),
  );
}
