/**
 * `npm run gate`: a short serve and convert, whose ratios to the peers must not fall more than 25 % behind those
 * kept in baseline.json. Ratios, because machines differ; a row that falls behind is measured once more, because
 * machines are also busy. `--update` writes the ratios just measured into the file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { benchConvert } from './convert.ts';
import { compareRatios, type Verdict } from './gate-verdicts.ts';
import { describeMachine } from './machine.ts';
import { benchFolder, type BenchOptions } from './options.ts';
import { ratioOf, type Row } from './result.ts';
import { benchServe } from './serve.ts';

const file = fileURLToPath(new URL('baseline.json', import.meta.url));
const Baseline = z.strictObject({
  machine: z.string(),
  date: z.iso.date(),
  ratios: z.record(z.string(), z.number()),
});

const options: BenchOptions = {
  isQuick: true,
  isShort: true,
  rounds: 3,
  seconds: 1,
  folder: await benchFolder(),
};

/** Rows of a short run that have a ratio to reach; viewable is left out: it is a few milliseconds of a process's start. */
async function measure(): Promise<Row[]> {
  const found: Row[] = [];
  for (const bench of [benchServe, benchConvert]) {
    const { rows, missing } = await bench(options);
    if (missing.length > 0) throw new Error(missing.join('; '));
    found.push(...rows);
  }
  return found.filter(({ id, target }) => target?.of === 'ratio' && id !== 'convert.viewable');
}

function print({ row, ratio, baseline, isBehind }: Verdict): void {
  const mark = isBehind ? '✗' : '✓';
  const kept = baseline === undefined ? 'not in baseline.json' : `baseline ${baseline.toPrecision(3)}×`;
  process.stdout.write(`${mark} ${row.id}: ${ratio.toPrecision(3)}×, ${kept}\n`);
}

async function update(): Promise<void> {
  const ratios = Object.fromEntries(
    (await measure()).map((row) => [row.id, Number((ratioOf(row) ?? Number.NaN).toPrecision(3))]),
  );
  const { cores, processor } = await describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  const baseline = Baseline.parse({ machine: `${cores} cores, ${processor}`, date, ratios });
  await writeFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(baseline, null, 2)}\n`);
}

async function check(): Promise<void> {
  const { ratios } = Baseline.parse(JSON.parse(await readFile(file, 'utf8')));
  let verdicts = compareRatios(ratios, [await measure()]);
  if (verdicts.some(({ isBehind }) => isBehind)) {
    process.stdout.write('behind: measured once more\n');
    verdicts = compareRatios(ratios, [verdicts.map(({ row }) => row), await measure()]);
  }
  for (const verdict of verdicts) print(verdict);
  const behind = verdicts.filter(({ isBehind }) => isBehind).length;
  process.stdout.write(`${verdicts.length - behind} passed, ${behind} failed\n`);
  if (behind > 0) process.exitCode = 1;
}

await (process.argv.includes('--update') ? update() : check());
