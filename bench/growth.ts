import type { Curves, Row } from './result.ts';
import { treeRss } from './proc.ts';
import { percentile, spreadOf } from './runs.ts';
import { slideJson, type OurService } from './service.ts';

/** Longest that a list is waited for, ms. */
const patienceMs = 120_000;
/** Slides that are opened to see what one takes. */
const slidesOpened = 200;

/** What was seen with so many slides in the catalogue. */
export interface Seen {
  readonly slides: number;
  /** Seconds: from the start to listening, the first list, a list after that. */
  readonly start: number;
  readonly firstList: number;
  readonly list: number;
  readonly listBytes: number;
  /** ms to open a slide that nobody opened before, half of them and 95 of 100. */
  readonly open50: number;
  readonly open95: number;
  /** Of the whole service, MiB: as started, after the lists. */
  readonly memory: number;
  readonly memoryListed: number;
  /** What one more open slide takes, KiB. */
  readonly perOpenSlide: number;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Lists and opens, in a service just started. @param notes gets a line for what did not work */
export async function look(
  service: OurService,
  slides: number,
  ids: readonly string[],
  notes: string[],
): Promise<Seen> {
  const { url, daemon, headers, startSeconds } = service;
  const megabytes = () => treeRss(daemon.pid) / 2 ** 20;
  // The first ones also load and compile what opening takes.
  for (const id of ids.slice(0, 20)) await slideJson(url, id, headers);
  const memory = megabytes();
  const opens: number[] = [];
  const opened = ids.slice(20, 20 + slidesOpened);
  for (const id of opened) opens.push(1000 * (await seconds(() => slideJson(url, id, headers))));
  const perOpenSlide = ((megabytes() - memory) * 1024) / opened.length;
  let bytes = 0;
  const list = async () => {
    const answer = await fetch(`${url}/slides`, { headers, signal: AbortSignal.timeout(patienceMs) });
    bytes = (await answer.arrayBuffer()).byteLength;
    if (!answer.ok) throw new Error(`the list of ${slides} slides: ${answer.status}`);
  };
  const lists: number[] = [];
  try {
    for (let i = 0; i < 4; i += 1) lists.push(await seconds(list));
  } catch (error) {
    notes.push(
      `with ${slides} slides the list was not answered within ${patienceMs / 1000} s (${String(error)})`,
    );
    lists.push(patienceMs / 1000);
  }
  const [firstList = 0, ...later] = lists;
  return {
    slides,
    start: startSeconds,
    firstList,
    list: percentile(later.length > 0 ? later : lists, 50),
    listBytes: bytes,
    open50: percentile(opens, 50),
    open95: percentile(opens, 95),
    memory,
    memoryListed: megabytes(),
    perOpenSlide,
  };
}

/** Rows of what was seen, one set for each number of slides. */
export function rowsOf(seen: readonly Seen[]): Row[] {
  return seen.flatMap((one) => {
    const row = (id: string, what: string, unit: string, value: number): Row => ({
      id: `scale.${id}.${one.slides}`,
      what: `${what}, ${one.slides.toLocaleString('en')} slides`,
      unit,
      ours: {
        name: 'Telepath',
        spread: spreadOf([value]),
      },
    });
    return [
      row('start', 'start to listening', 's', one.start),
      row('list.first', 'first list', 's', one.firstList),
      row('list', 'list', 's', one.list),
      row('open', 'open a slide, 95 % within', 'ms', one.open95),
      row('memory', 'memory after the list', 'MiB', one.memoryListed),
      row('slide', 'memory per open slide', 'KiB', one.perOpenSlide),
    ];
  });
}

/** How it grows with the number of slides. */
export function curvesOf(seen: readonly Seen[]): Curves[] {
  const along = (name: string, of: (one: Seen) => number) => ({
    name,
    points: seen.map((one) => [one.slides, of(one)] as const),
  });
  const slides = { x: 'slides', log: ['x', 'y'] as const };
  return [
    {
      ...slides,
      title: 'Time by number of slides',
      y: 's',
      lines: [
        along('Telepath: list', ({ list }) => list),
        along('first list', ({ firstList }) => firstList),
        along('start to listening', ({ start }) => start),
        along('open a slide', ({ open50 }) => open50 / 1e3),
      ],
    },
    {
      ...slides,
      title: 'Memory by number of slides',
      y: 'MiB',
      lines: [
        along('Telepath: after the list', ({ memoryListed }) => memoryListed),
        along('as started', ({ memory }) => memory),
        along('bytes of the list', ({ listBytes }) => listBytes / 2 ** 20),
      ],
    },
  ];
}
