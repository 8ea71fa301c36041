import { isMet, ratioOf, type BenchResult, type Measured, type Row } from './result.ts';
import { isLessBetter, targetText } from './bars.ts';
import { escaped, plain } from './svg.ts';

const style = `
:root { color-scheme: light; font: 15px/1.5 system-ui, 'DejaVu Sans', sans-serif; color: #1f2933; background: #f4f6f8; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 20px 64px; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 21px; margin: 44px 0 8px; } p, li { max-width: 75ch; }
.tally { display: flex; gap: 16px; margin: 20px 0; flex-wrap: wrap; }
.tally div { background: #fff; border-radius: 8px; padding: 12px 20px; box-shadow: 0 1px 3px #0002; }
.tally b { display: block; font-size: 26px; }
svg { width: 100%; height: auto; margin: 10px 0; border-radius: 8px; box-shadow: 0 1px 3px #0002; }
table { border-collapse: collapse; width: 100%; background: #fff; font-size: 13px; border-radius: 8px; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid #e3e8ec; vertical-align: top; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.yes { color: #2b8a3e; } .no { color: #c92a2a; font-weight: 600; } .faint, small { color: #69757f; }
.scroll { overflow-x: auto; } .warn { background: #fff3bf; padding: 8px 14px; border-radius: 8px; }
`;

/** A result with its plots, ready to be shown. */
export interface ShownResult {
  readonly result: BenchResult;
  readonly plots: readonly { readonly svg: string }[];
}

/** The report: one HTML file that needs nothing else. */
export function reportPage(shown: readonly ShownResult[]): string {
  const rows = shown.flatMap(({ result }) => result.rows).filter((row) => row.target !== undefined);
  const reached = rows.filter((row) => isMet(row) === true).length;
  const losses = rows.filter((row) => isMet(row) !== true);
  const behind = shown.flatMap(({ result }) => result.rows).filter(isBehind).length;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Telepath: benchmarks</title><style>${style}</style>
<h1>Telepath, measured side by side</h1>
<p class="faint">Contenders take turns on the same machine and the same tiles; numbers are medians, whiskers and brackets
the least and the most. A red line marks what ours is to reach. Nothing is timed before its answers were compared.</p>
<div class="tally"><div><b class="yes">${reached}</b>of ${rows.length} figures reached</div>
<div><b class="${losses.length > 0 ? 'no' : 'yes'}">${losses.length}</b>not reached</div>
<div><b>${behind}</b>comparisons in which the peer is better</div></div>
${losses.length === 0 ? '' : `<p>Not reached: ${losses.map(({ what, peer }) => escaped(peer === undefined ? what : `${what} (against ${peer.name})`)).join(' · ')}</p>`}
${shown.map(section).join('\n')}
</html>
`;
}

/** Whether the peer is better than ours. */
function isBehind(row: Row): boolean {
  const ratio = ratioOf(row);
  return ratio !== undefined && (isLessBetter(row) ? ratio > 1 : ratio < 1);
}

function section({ result, plots }: ShownResult): string {
  const { title, machine, startedAt, isQuick, checks, notes, missing } = result;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const at = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `<section><h2>${escaped(title)}</h2>
<p class="faint">${at} · ${machine.cores} cores, ${escaped(machine.processor)}, ${machine.memory} GiB ·
${escaped(machine.system)}, Linux ${escaped(machine.kernel)} · load at the start ${machine.load}</p>
${isQuick ? '<p class="warn">A quick run on a small slide: it shows that all works, not how fast.</p>' : ''}
${missing.map((one) => `<p class="warn">${escaped(one)}</p>`).join('')}
${plots.map(({ svg }) => svg).join('')}
<div class="scroll"><table><tr><th>what<th>Telepath<th>peer<th>ratio<th>to reach</tr>
${result.rows.map(tableRow).join('\n')}</table></div>
${list('Checked before anything was timed', checks)}${list('To know', notes)}
<p><small>${escaped(versions.join(' · '))}</small></p></section>`;
}

function tableRow(row: Row): string {
  const { what, note, unit, ours, peer, target } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  const aim = target === undefined ? '' : targetText(target);
  return `<tr><td>${escaped(what)}${note === undefined ? '' : `<br><small>${escaped(note)}</small>`}
<td class="n">${cell(ours, unit)}<td class="n">${peer === undefined ? '' : `${cell(peer, unit)}<br><small>${escaped(peer.name)}</small>`}
<td class="n">${ratio === undefined ? '' : `${plain(ratio)}×`}
<td class="n ${met === undefined ? '' : met ? 'yes' : 'no'}">${aim} ${met === undefined ? '' : met ? '✓' : '✗'}</tr>`;
}

function cell({ spread: { median, min, max } }: Measured, unit: string): string {
  return `${plain(median)} ${escaped(unit)}<br><small>[${plain(min)}–${plain(max)}]</small>`;
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<p><b>${title}</b></p><ul>${lines.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`;
}
