import { targetText } from './bars.ts';
import { isMet, ratioOf, type BenchResult, type Row } from './result.ts';
import { plain } from './svg.ts';

/** The figures to reach: which row shows each. */
const figures: readonly (readonly [what: string, ids: readonly string[]])[] = [
  ['time to viewable, JPEG-tiled', ['convert.viewable']],
  ['time to complete, 1/4/16 levels, all 2× levels made', ['convert.complete']],
  ['conversion of LZW strips', ['convert.strips']],
  ['conversion of one level of deflate tiles', ['convert.deflate']],
  ['peak memory, 100,000 × 100,000 px', ['convert.giant.memory']],
  ['stored beside the original, JPEG-tiled, before rendering ahead', ['convert.stored', 'convert.objects']],
  [
    'uncached tiles from disk, authorised, 1 process',
    ['serve.cold.iipsrv', 'serve.cold.openslide', 'serve.cold.bare'],
  ],
  ['uncached tiles from disk, authorised, 2 processes', ['serve.cold.two']],
  ['warm tiles, authorised, 1 process', ['serve.warm.nginx', 'serve.warm.local', 'serve.warm.bare']],
  ['warm tiles, authorised, 2 processes', ['serve.warm.two']],
  ['rendered tiles (2× levels), uncached', ['serve.rendered.iipsrv']],
  ['cold tile from S3', ['store.requests', 'store.cold']],
  ...['open case', 'change slide', 'next field'].map((what, i) => {
    const move = ['open', 'change', 'field'][i];
    const ids = [40, 100].flatMap((ms) => ['', '.nginx', '.caddy'].map((to) => `view.${move}.${ms}${to}`));
    return [`${what}, 95 of 100 within, 20 Mbit/s`, ids.filter((id) => id !== `view.${move}.100`)] as const;
  }),
  ['import in place', ['scale.import', 'store.import']],
  ['npm start to first page, data there', ['scale.start']],
];

/** Rows that are ours under another condition, which their own figure does not name. */
const conditions: Readonly<Record<string, string>> = {
  'convert.objects': ': objects',
  'store.requests': ': requests',
  'store.cold': ': rate',
  'scale.import': ', folder',
  'store.import': ', S3',
};

/**
 * The table of README.md: a line for each figure to reach, measured or not.
 *
 * @param results whole runs only; the machine is named once for each benchmark
 */
export function figuresTable(results: readonly BenchResult[]): string {
  const rows = new Map(results.flatMap((result) => result.rows).map((row) => [row.id, row]));
  const lines = figures.flatMap(([what, ids]) => ids.map((id) => line(named(what, id), rows.get(id))));
  return [
    ...results.map(({ name, startedAt, machine }) => {
      const { cores, processor, memory, system, kernel, load } = machine;
      const on = `${cores} cores, ${processor}, ${memory} GiB, ${system}, Linux ${kernel}`;
      return `- ${name}: ${startedAt.slice(0, 10)}, ${on}, load at the start ${load}`;
    }),
    ...(results.length > 0 ? [''] : []),
    '| what | against | ours | peer | ratio | to reach | met? |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

function named(what: string, id: string): string {
  const latency = /^view\.\w+\.(\d+)/.exec(id)?.[1];
  return `${what}${latency === undefined ? (conditions[id] ?? '') : `, ${latency} ms`}`;
}

function line(what: string, row: Row | undefined): string {
  if (row === undefined) return `| ${what} | | not measured yet | | | | |`;
  const { unit, ours, peer, target } = row;
  const ratio = ratioOf(row);
  const cells = [
    what,
    peer?.name ?? '',
    `${plain(ours.spread.median)} ${unit}`,
    peer === undefined ? '' : `${plain(peer.spread.median)} ${unit}`,
    ratio === undefined ? '' : `${plain(ratio)}×`,
    target === undefined ? '' : targetText(target),
    { true: 'yes', false: '**no**', undefined: '' }[String(isMet(row))] ?? '',
  ];
  return `| ${cells.join(' | ')} |`;
}
