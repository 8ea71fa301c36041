import { isMet, ratioOf, type Measured, type Row, type Target } from './result.ts';
import { colours, line, picture, plain, text } from './svg.ts';

const width = 1060;
const left = 360;
const right = 350;
const rowHeight = 62;
const barHeight = 18;
const top = 54;

/** Bars of each row, ours above the peer's, on a scale of its own, with the line that ours should reach. */
export function barsPlot(title: string, rows: readonly Row[]): string {
  const height = top + rows.length * rowHeight + 16;
  const parts = rows.map((row, i) => rowBars(row, top + i * rowHeight));
  return picture(width, height, title, [text(20, 32, title, { size: 18, isBold: true }), ...parts]);
}

function rowBars(row: Row, y: number): string {
  const { ours, peer } = row;
  const goal = goalOf(row);
  const most = Math.max(ours.spread.max, peer?.spread.max ?? 0, goal ?? 0);
  const scale = (value: number) => (most === 0 ? 0 : (value / most) * (width - left - right));
  const parts = [
    line([20, y - 6], [width - 20, y - 6], colours.grid),
    text(20, y + 14, row.what, { isBold: true, size: 11.5 }),
    text(20, y + 32, `${row.unit} · ${isLessBetter(row) ? 'less' : 'more'} is better`, {
      size: 11,
      colour: colours.faint,
    }),
    bar(ours, y, scale, colours.ours),
    peer === undefined ? '' : bar(peer, y + barHeight + 4, scale, colours.peers[0]),
    verdict(row, y),
  ];
  if (goal !== undefined) {
    const x = left + scale(goal);
    parts.push(line([x, y - 3], [x, y + barHeight + 3], colours.target, '3 2'));
  }
  return parts.join('');
}

/** A bar with its number, and a whisker over its runs. */
function bar({ name, spread }: Measured, y: number, scale: (value: number) => number, fill: string): string {
  const length = Math.max(1, scale(spread.median));
  const middle = y + barHeight / 2;
  return [
    `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="3" fill="${fill}"/>`,
    line([left + scale(spread.min), middle], [left + scale(spread.max), middle], colours.ink),
    text(left + Math.max(length, scale(spread.max)) + 6, y + 13, `${plain(spread.median)} ${name}`, {
      size: 11,
    }),
  ].join('');
}

/** The ratio, and whether it is the one to reach. */
function verdict(row: Row, y: number): string {
  const ratio = ratioOf(row);
  const met = isMet(row);
  const x = width - 20;
  const parts = [];
  if (ratio !== undefined)
    parts.push(text(x, y + 14, `${plain(ratio)}×`, { anchor: 'end', size: 16, isBold: true }));
  if (row.target !== undefined && met !== undefined)
    parts.push(
      text(x, y + 33, `${met ? 'reached' : 'not reached'}: ${targetText(row.target)}`, {
        anchor: 'end',
        size: 11,
        colour: met ? colours.reached : colours.target,
      }),
    );
  return parts.join('');
}

/** A target in words: `≥ 0.45×`, `≤ 1,024`. */
export function targetText({ of, atMost, atLeast }: Target): string {
  const unit = of === 'ratio' ? '×' : '';
  return atLeast === undefined ? `≤ ${plain(atMost ?? 0)}${unit}` : `≥ ${plain(atLeast)}${unit}`;
}

/** The value that ours should reach, in the row's unit. */
function goalOf({ target, peer }: Row): number | undefined {
  const value = target?.atLeast ?? target?.atMost;
  if (value === undefined || target?.of === 'value') return value;
  return peer === undefined ? undefined : value * peer.spread.median;
}

/** Rates are the one thing of which there can't be too much. */
export function isLessBetter({ unit }: Row): boolean {
  return !unit.endsWith('/s');
}
