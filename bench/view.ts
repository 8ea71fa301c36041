import type { Browser } from 'playwright-core';
import { startBrowser } from '../test/browser.ts';
import { decode, meanDifference } from '../test/pixels.ts';
import { mostDifference } from './correct.ts';
import { Installation } from './installation.ts';
import {
  makeMoves,
  signedInContext,
  stainedSpot,
  type MoveName,
  type MoveTimes,
  type Spot,
} from './moves.ts';
import type { BenchOptions } from './options.ts';
import { caddyNeeds, startCaddy } from './peers/caddy.ts';
import { nginxNeeds, startNginx } from './peers/nginx.ts';
import { missingOf } from './peers/peer.ts';
import type { Findings, Row, Target } from './result.ts';
import { inTurn, percentile, spreadOf } from './runs.ts';
import type { Entry } from './service.ts';
import { dzsaveTree, servedSlide } from './slides.ts';
import { caddySite, makeStaticSite, nginxSite } from './static-site.ts';
import { settled, viewerPath } from './viewer-page.ts';

/** Slides of a case. */
const slidesInCase = 5;
const latencies = [40, 100];
const megabits = 20;

/** What each move is called, and the seconds within which 95 of 100 are to be done at 40 ms. */
const moves: readonly (readonly [move: MoveName, what: string, seconds: number | undefined])[] = [
  ['open', 'open case', 1.5],
  ['change', 'change slide', 0.5],
  ['field', 'next field', 0.2],
  ['zoom', 'zoom', undefined],
];

/** Contenders: how the page and its tiles come to the browser. */
type Way = 'ours' | 'nginx' | 'oursHttp2' | 'caddy';

/** What a pathologist waits for, in a real browser on a slow line: ours against static tiles of dzsave. */
export async function benchView(options: BenchOptions): Promise<Findings> {
  const missing = [...missingOf('static tiles', nginxNeeds), ...missingOf('HTTP/2', caddyNeeds)];
  if (missing.length > 0) return { rows: [], curves: [], checks: [], notes: [], missing };
  const stops: (() => Promise<void>)[] = [];
  try {
    return await compareViews(options, (stop) => stops.unshift(stop));
  } finally {
    for (const stop of stops) await stop();
  }
}

async function compareViews(
  options: BenchOptions,
  atEnd: (stop: () => Promise<void>) => void,
): Promise<Findings> {
  const slide = await servedSlide(options);
  const installation = await Installation.create(options, { TELEPATH_RENDER_AHEAD: 'true' });
  atEnd(() => installation.stop());
  const started = await installation.serve();
  const ids = await installation.addCopies(started, slide, slidesInCase);
  const service = { ...started, ids };
  const site = await makeStaticSite(options.folder, service, await dzsaveTree(options, slide));
  const nginx = await startNginx(options.folder, nginxSite(site));
  atEnd(nginx.stop);
  const caddy = await startCaddy(options.folder, caddySite(site));
  atEnd(caddy.stop);
  const front = await startCaddy(
    options.folder,
    `reverse_proxy ${service.url.replace('localhost', '127.0.0.1')}`,
  );
  atEnd(front.stop);
  const browser = await startBrowser();
  atEnd(() => browser.close());
  const urls = { ours: service.url, nginx: nginx.url, oursHttp2: front.url, caddy: caddy.url };
  const [first = ''] = ids;
  const spot = await stainedSpot(service, first);
  const entry = service.headers;
  const checks = await sameScreens(browser, { urls, entry }, first, spot);
  const rows: Row[] = [];
  for (const latencyMs of latencies) {
    process.stdout.write(`  ${megabits} Mbit/s, ${latencyMs} ms\n`);
    const go = (way: Way) => () =>
      makeMoves(browser, { url: urls[way], entry }, ids, { shape: { latencyMs, megabits }, spot });
    const contenders = {
      ours: go('ours'),
      nginx: go('nginx'),
      oursHttp2: go('oursHttp2'),
      caddy: go('caddy'),
    };
    rows.push(...rowsAt(latencyMs, await inTurn(options.rounds, contenders)));
  }
  return { rows, curves: [], checks, missing: [], notes: [...notes] };
}

const notes = [
  'Each number is the time within which 95 of 100 moves of a round were done; the median over the rounds is shown.',
  'Chromium shapes the network itself: latency before each answer, one rate for all. Connections are not slowed.',
  'Whoever looks has signed in, and each opening of a slide is written down first; static tiles are given to everyone.',
  'Motion is reduced in all contenders, so that gliding is not measured. The page is drawn without a graphics card.',
  'The static contender is our own page over the tiles of vips dzsave.',
  'Ours is as it is some minutes after the slide was sent: the levels that the scanner left out are made.',
  'Each field, and each slide, is looked at for a second before the next; the viewer looks ahead meanwhile, in all contenders.',
];

/** All ways must show the same picture. @throws when a screen differs by too much */
async function sameScreens(
  browser: Browser,
  { urls, entry }: { readonly urls: Readonly<Record<Way, string>>; readonly entry: Entry },
  id: string,
  spot: Spot,
): Promise<string[]> {
  const shots = new Map<string, Awaited<ReturnType<typeof decode>>>();
  for (const [way, url] of Object.entries(urls)) {
    const context = await signedInContext(browser, { url, entry });
    const page = await context.newPage();
    await page.goto(url + viewerPath(id, `#x=${spot.x}&y=${spot.y}&z=1&r=0`));
    await settled(page);
    shots.set(
      way,
      await decode(await page.screenshot({ clip: { x: 400, y: 250, width: 800, height: 500 } })),
    );
    await context.close();
  }
  const [ours, ...others] = [...shots];
  return others.map(([way, shot]) => {
    const difference = ours === undefined ? Number.NaN : meanDifference(ours[1], shot);
    if (!(difference <= mostDifference.screen))
      throw new Error(`the screen of ${way} is ${difference} of 255 off ours`);
    return `the screen of ${way} shows what ours shows: ${difference.toFixed(2)} of 255 apart in the mean`;
  });
}

/** The rows of one network. */
function rowsAt(latencyMs: number, found: Readonly<Record<Way, MoveTimes[]>>): Row[] {
  const at = (name: string, way: Way, move: MoveName) => ({
    name,
    spread: spreadOf(found[way].map((times) => percentile(times[move], 95))),
  });
  return moves.flatMap(([move, what, seconds]): Row[] => {
    const named = { what: `${what}, ${latencyMs} ms`, unit: 's' };
    const never: Target = { of: 'ratio', atMost: 1 };
    const goal =
      latencyMs === latencies[0] && seconds !== undefined
        ? { of: 'value' as const, atMost: seconds }
        : undefined;
    return [
      {
        ...named,
        id: `view.${move}.${latencyMs}`,
        ours: at('Telepath', 'ours', move),
        ...(goal === undefined ? {} : { target: goal }),
      },
      {
        ...named,
        id: `view.${move}.${latencyMs}.nginx`,
        ours: at('Telepath', 'ours', move),
        peer: at('nginx + dzsave, HTTP/1.1', 'nginx', move),
        target: never,
      },
      {
        ...named,
        id: `view.${move}.${latencyMs}.caddy`,
        ours: at('Telepath behind Caddy, HTTP/2', 'oursHttp2', move),
        peer: at('Caddy + dzsave, HTTP/2', 'caddy', move),
        target: never,
      },
    ];
  });
}
