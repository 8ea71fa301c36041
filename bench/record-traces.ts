/** Records bench/traces/*.json: `node bench/record-traces.ts SLIDE`. Moves are made in the real viewer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../test/browser.ts';
import { benchFolder } from './options.ts';
import { serveFiles, slideJson, type SlideJson } from './service.ts';
import { settled, viewerPath } from './viewer-page.ts';
import { tracesFolder, type Trace } from './traces.ts';

const viewport = { width: 1600, height: 1000 };
const middle = { x: viewport.width / 2, y: viewport.height / 2 };

/** One move of a person, and what it is called. */
type Move = readonly [move: string, act: (page: Page) => Promise<void>];

const wheel =
  (notches: number, x = middle.x, y = middle.y) =>
  async (page: Page) => {
    await page.mouse.move(x, y);
    for (let i = 0; i < Math.abs(notches); i += 1) {
      await page.mouse.wheel(0, notches > 0 ? -120 : 120);
      await page.waitForTimeout(90);
    }
  };

/** Drags the slide with the left button, as most pathologists do. */
const drag = (right: number, down: number) => async (page: Page) => {
  await page.mouse.move(middle.x - right / 2, middle.y - down / 2);
  await page.mouse.down();
  await page.mouse.move(middle.x + right / 2, middle.y + down / 2, { steps: 12 });
  await page.waitForTimeout(120);
  await page.mouse.up();
};

const times = (count: number, move: Move): Move[] => Array.from({ length: count }, () => move);

/** A serpentine of fields. */
const serpentine = (rows: number, columns: number, width: number, height: number): Move[] =>
  Array.from({ length: rows }, (_, row) => [
    ...times(columns, ['next field', drag(row % 2 === 0 ? -width : width, 0)]),
    ['next row', drag(0, -height)] as Move,
  ]).flat();

const traces: readonly { readonly name: string; readonly about: string; readonly moves: readonly Move[] }[] =
  [
    {
      name: 'survey',
      about: 'the whole slide, then all of the tissue at low power, field by field, in a serpentine',
      moves: [['zoom in', wheel(8, 600, 450)], ...serpentine(3, 4, 900, 600), ['zoom out', wheel(-8)]],
    },
    {
      name: 'diagnosis',
      about: 'at once to a suspicious place, and through its fields at high power',
      moves: [
        ['zoom in', wheel(7, 700, 480)],
        ['zoom in', wheel(7, 760, 520)],
        ['zoom in', wheel(3)],
        ...serpentine(4, 4, 1000, 700),
      ],
    },
    {
      name: 'search',
      about: 'in and out at many places, as one looks for metastases in a lymph node',
      moves: [
        [620, 430],
        [900, 560],
        [760, 640],
        [1010, 420],
      ].flatMap(([x = 0, y = 0]): Move[] => [
        ['zoom in', wheel(14, x, y)],
        ['next field', drag(-700, 150)],
        ['next field', drag(-300, -500)],
        ['zoom out', wheel(-14, middle.x, middle.y)],
      ]),
    },
  ];

/** Deep Zoom place of a tile's address: of Deep Zoom itself, or of the slide's own levels. */
function placeOf(url: string, slide: SlideJson): [number, number, number] | undefined {
  const match = /\/slides\/[0-9a-f]{32}(_files|\/levels)\/(\d+)\/(\d+)_(\d+)\.jpg$/.exec(url);
  if (match === null) return undefined;
  const [, kind, level, column, row] = match;
  const own = slide.levels[Number(level)];
  const halvings = own === undefined ? 0 : Math.round(Math.log2(slide.size.width / own.width));
  const deepZoomLevel = kind === '_files' ? Number(level) : slide.deepZoom.maxLevel - halvings;
  return [deepZoomLevel, Number(column), Number(row)];
}

/** Makes the moves of one trace in a fresh window, and notes what is asked for. */
async function record(
  page: Page,
  at: string,
  slide: SlideJson,
  plan: (typeof traces)[number],
): Promise<Trace> {
  let tiles: [number, number, number][] = [];
  page.on('request', (request) => {
    const place = placeOf(request.url(), slide);
    if (place !== undefined) tiles.push(place);
  });
  const moves: { move: string; tiles: typeof tiles }[] = [];
  const open: Move = ['open', async () => void (await page.goto(at))];
  for (const [move, act] of [open, ...plan.moves]) {
    tiles = [];
    await act(page);
    await settled(page);
    moves.push({ move, tiles });
  }
  const { size, deepZoom } = slide;
  return {
    name: plan.name,
    about: plan.about,
    viewport,
    slide: { ...size, tileSize: deepZoom.tileSize },
    moves,
  };
}

/** One move a line: small, and a change can be read. */
function asJson({ moves, ...trace }: Trace): string {
  const lines = moves.map((move) => `    ${JSON.stringify(move)}`).join(',\n');
  return `${JSON.stringify(trace, null, 2).slice(0, -2)},\n  "moves": [\n${lines}\n  ]\n}\n`;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name the slide to record on: node bench/record-traces.ts SLIDE');
const service = await serveFiles({ folder: await benchFolder() }, [file]);
const browser = await startBrowser();
try {
  const [id = ''] = service.ids;
  const slide = await slideJson(service.url, id);
  for (const plan of traces) {
    const page = await browser.newPage({ viewport });
    const trace = await record(page, service.url + viewerPath(id), slide, plan);
    await page.close();
    await writeFile(join(tracesFolder, `${plan.name}.json`), asJson(trace));
    const count = trace.moves.reduce((sum, { tiles }) => sum + tiles.length, 0);
    process.stdout.write(`${plan.name}: ${trace.moves.length} moves, ${count} tiles\n`);
  }
} finally {
  await browser.close();
  await service.stop();
}
