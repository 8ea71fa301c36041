import type { View } from '../viewer/deep-link.ts';
import { normalDegrees } from '../viewer/deep-link.ts';
import { unaligned, type Alignment, type CommonView } from './transform.ts';

/** Ways to look at slides together. */
export const modes = ['side', 'curtain', 'flicker'] as const;

/** `side`: beside each other · `curtain`, `flicker`: one over the other. */
export type Mode = (typeof modes)[number];

/** How slides are looked at together, beside where. */
export interface Settings {
  readonly mode: Mode;
  /** The two slides at the curtain's left and right, by position. */
  readonly pair: readonly [left: number, right: number];
  /** Part of the picture left of the curtain, 0 to 1. */
  readonly curtain: number;
  /** Time for which flicker shows each slide, ms. */
  readonly intervalMs: number;
}

/** All that a link to a comparison carries beside its slides. */
export interface ComparisonLink {
  readonly settings: Settings;
  readonly alignments: readonly Alignment[];
  /** What all look at, or, where they are not linked, the view of each. */
  readonly shown: CommonView | readonly View[] | undefined;
}

/** What a comparison begins with. */
export const firstSettings: Settings = { mode: 'side', pair: [0, 1], curtain: 0.5, intervalMs: 700 };

/** Flicker changes at most so often, ms: faster than three times a second can hurt people. */
export const shortestIntervalMs = 350;

/** The longest time for which flicker shows a slide, ms. */
export const longestIntervalMs = 3000;

/** The hash part of a link, e.g. `#m=curtain&c=40&x=1.2&y=-0.3&z=2000&r=90&a=0,0,0~1.25,-0.4,12.5`. */
export function formatLink({ settings, alignments, shown }: ComparisonLink): string {
  const { mode, pair, curtain, intervalMs } = settings;
  const parts = [`m=${mode}`];
  if (mode === 'curtain') parts.push(`c=${Math.round(curtain * 100)}`, `p=${pair.join(',')}`);
  if (mode === 'flicker') parts.push(`s=${intervalMs}`);
  if (shown !== undefined && 'pxPerMm' in shown) {
    const { x, y, pxPerMm, degrees } = shown;
    parts.push(`x=${short(x, 4)}`, `y=${short(y, 4)}`, `z=${short(pxPerMm, 3)}`, `r=${short(degrees, 2)}`);
  } else if (shown !== undefined) {
    const views = shown.map((one) =>
      [short(one.x, 1), short(one.y, 1), short(one.zoom, 6), short(one.degrees, 2)].join(','),
    );
    parts.push(`u=${views.join('~')}`);
  }
  if (alignments.some(({ x, y, degrees }) => x !== 0 || y !== 0 || degrees !== 0))
    parts.push(
      `a=${alignments.map((one) => [short(one.x, 4), short(one.y, 4), short(one.degrees, 3)].join(',')).join('~')}`,
    );
  return `#${parts.join('&')}`;
}

/** What a link's hash says; whatever of it cannot be followed is left out: people edit links by hand. */
export function parseLink(hash: string, slides: number): ComparisonLink {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const lists = (name: string, length: number) => listsOf(params.get(name), slides, length);
  return {
    settings: settingsOf(params, slides),
    alignments:
      lists('a', 3)?.map(([x = 0, y = 0, degrees = 0]) => ({ x, y, degrees })) ??
      Array.from({ length: slides }, () => unaligned),
    shown: viewsOf(lists('u', 4)) ?? commonOf(params),
  };
}

function settingsOf(params: URLSearchParams, slides: number): Settings {
  const mode = modes.find((one) => one === params.get('m')) ?? firstSettings.mode;
  const curtain = number(params.get('c'));
  const interval = number(params.get('s'));
  const [left, right] = (params.get('p') ?? '').split(',').map((text) => number(text) ?? -1);
  const isSlide = (n: number | undefined) => n !== undefined && Number.isInteger(n) && n >= 0 && n < slides;
  return {
    mode,
    pair: isSlide(left) && isSlide(right) && left !== right ? [left ?? 0, right ?? 1] : firstSettings.pair,
    curtain: curtain === undefined ? firstSettings.curtain : between(curtain / 100, 0, 1),
    intervalMs:
      interval === undefined
        ? firstSettings.intervalMs
        : between(interval, shortestIntervalMs, longestIntervalMs),
  };
}

function commonOf(params: URLSearchParams): CommonView | undefined {
  const [x, y, pxPerMm] = ['x', 'y', 'z'].map((name) => number(params.get(name)));
  const degrees = number(params.get('r') ?? '0');
  if (x === undefined || y === undefined || pxPerMm === undefined || degrees === undefined) return undefined;
  return pxPerMm > 0 ? { x, y, pxPerMm, degrees: normalDegrees(degrees) } : undefined;
}

function viewsOf(lists: readonly (readonly number[])[] | undefined): readonly View[] | undefined {
  const views = lists?.map(([x = 0, y = 0, zoom = 0, degrees = 0]) => ({ x, y, zoom, degrees }));
  return views?.every(({ zoom }) => zoom > 0) === true ? views : undefined;
}

/** As many lists of as many numbers, or nothing. */
function listsOf(text: string | null, count: number, length: number): number[][] | undefined {
  const lists = (text ?? '').split('~').map((one) => one.split(',').map(number));
  if (lists.length !== count) return undefined;
  const whole = lists.map((list) => list.filter((one) => one !== undefined));
  return whole.every((list, i) => list.length === length && lists[i]?.length === length) ? whole : undefined;
}

function number(text: string | null): number | undefined {
  return text !== null && /^-?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

function between(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Without more decimals than can be seen, and never as `1e-7` or `-0`. */
function short(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)) + 0);
}
