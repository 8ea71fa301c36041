/**
 * `npm run gate`: a short serve and convert, whose ratios to the peers must not fall more than 25 % behind those
 * kept in baseline.json for this kind of processor; on one that is not known, behind the least good of those that are.
 * What falls behind is measured up to twice more, because machines are also busy. `--update` measures, and writes what
 * is the less good of it and what is kept; `--renew` writes what was just measured.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { benchConvert } from './convert.ts';
import { compareRatios, leastGood, type Verdict } from './gate-verdicts.ts';
import { describeMachine } from './machine.ts';
import { benchFolder, type BenchOptions } from './options.ts';
import { ratioOf, type Row } from './result.ts';
import { benchServe } from './serve.ts';

const file = fileURLToPath(new URL('baseline.json', import.meta.url));
/** By kind of processor. */
const Baseline = z.record(
  z.string(),
  z.strictObject({ date: z.iso.date(), ratios: z.record(z.string(), z.number()) }),
);
const mostTries = 3;

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

async function readBaseline(): Promise<z.infer<typeof Baseline>> {
  return Baseline.parse(JSON.parse(await readFile(file, 'utf8')));
}

async function update(isRenewed: boolean): Promise<void> {
  const rows = await measure();
  const { processor } = await describeMachine();
  const all = await readBaseline();
  const known = isRenewed ? undefined : all[processor]?.ratios;
  const ratios = Object.fromEntries(
    rows.map((row) => {
      const measured = Number((ratioOf(row) ?? Number.NaN).toPrecision(3));
      return [row.id, leastGood(row, [measured, known?.[row.id] ?? measured])];
    }),
  );
  const date = new Date().toISOString().slice(0, 10);
  const baseline = Baseline.parse({ ...all, [processor]: { date, ratios } });
  await writeFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(baseline, null, 2)}\n`);
}

async function check(): Promise<void> {
  const { processor } = await describeMachine();
  const all = await readBaseline();
  const own = all[processor];
  const kept = (own === undefined ? Object.values(all) : [own]).map(({ ratios }) => ratios);
  process.stdout.write(`${processor}${own === undefined ? ': not known, the least good counts' : ''}\n`);
  let verdicts: readonly Verdict[] = [];
  for (let tries = 0; tries < mostTries; tries += 1) {
    verdicts = compareRatios(kept, [verdicts.map(({ row }) => row), await measure()]);
    if (!verdicts.some(({ isBehind }) => isBehind)) break;
    for (const verdict of verdicts.filter(({ isBehind }) => isBehind)) print(verdict);
  }
  for (const verdict of verdicts) print(verdict);
  const behind = verdicts.filter(({ isBehind }) => isBehind).length;
  process.stdout.write(`${verdicts.length - behind} passed, ${behind} failed\n`);
  if (behind > 0) process.exitCode = 1;
}

const isRenewed = process.argv.includes('--renew');
await (isRenewed || process.argv.includes('--update') ? update(isRenewed) : check());
