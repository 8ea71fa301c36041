/**
 * `npm run bench [-- convert|serve|store|view|scale …] [--slide FILE] [--quick]`: measures, and writes the report.
 * `npm run bench -- table`: the report and the table of README.md alone, of the results that are kept.
 */
import { benchConvert } from './convert.ts';
import { describeMachine } from './machine.ts';
import { readOptions, type BenchName, type BenchOptions } from './options.ts';
import { keepResult, writeReport } from './report.ts';
import { ratioOf, isMet, type Findings } from './result.ts';
import { benchScale } from './scale.ts';
import { benchServe } from './serve.ts';
import { benchStore } from './store.ts';
import { benchView } from './view.ts';

const benches: Readonly<Record<BenchName, { title: string; run: (o: BenchOptions) => Promise<Findings> }>> = {
  convert: { title: 'From a file to a slide', run: benchConvert },
  serve: { title: 'Tiles a second', run: benchServe },
  store: { title: 'Tiles out of object storage', run: benchStore },
  view: { title: 'What a pathologist waits for', run: benchView },
  scale: { title: 'Many slides, many readers', run: benchScale },
};

const { names, options } = await readOptions(process.argv.slice(2));
for (const name of names) {
  const { title, run } = benches[name];
  process.stdout.write(`${name}: ${title}\n`);
  const machine = await describeMachine();
  const startedAt = new Date().toISOString();
  const findings = await run(options);
  await keepResult({ name, title, startedAt, isQuick: options.isQuick, machine, ...findings });
  print(findings);
}
process.stdout.write(`report: ${await writeReport()}\n`);

/** The rows as plain lines. */
function print({ rows, missing, checks }: Findings): void {
  for (const check of checks) process.stdout.write(`  ✓ ${check}\n`);
  for (const row of rows) {
    const ratio = ratioOf(row);
    const peer = row.peer === undefined ? '' : ` · ${row.peer.name} ${row.peer.spread.median.toPrecision(4)}`;
    const verdict = { true: ' · reached', false: ' · NOT reached', undefined: '' }[String(isMet(row))] ?? '';
    const times = ratio === undefined ? '' : ` · ${ratio.toPrecision(3)}×`;
    const ours = row.ours.spread.median.toPrecision(4);
    process.stdout.write(`  ${row.what}: ${ours} ${row.unit}${peer}${times}${verdict}\n`);
  }
  for (const line of missing) process.stdout.write(`  ! ${line}\n`);
}
