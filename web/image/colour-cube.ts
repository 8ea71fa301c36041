import { changed, type Triple } from './triple.ts';

/**
 * A change of colours as a table that a graphics processor looks up: a cube of colours, and for each of the 256 values
 * of a channel its place along the cube's edges.
 *
 * The places are chosen so that equal steps in the cube are equal steps to the eye, however the scanner writes light.
 */
export interface ColourCube {
  /** Points along each edge. */
  readonly edge: number;
  /** Where each value of a channel lies along an edge, 0–1. */
  readonly places: Float32Array<ArrayBuffer>;
  /** Red, green, blue and nothing of each point, red fastest: light, bent by `bent`. */
  readonly points: Float32Array<ArrayBuffer>;
}

const edge = 33;

/**
 * Light is bent to this power before it is put into the cube, after a little was added: nearly even to the eye, and
 * without the kink at black that would make dark and very strong colours wrong between the cube's points.
 */
export const bend = { power: 2.4, added: 0.05 } as const;

/** The table of a change from red, green and blue to light: some 36,000 evaluations, about 100 ms. */
export function bakeCube(lightOf: (rgb: Triple) => Triple): ColourCube {
  const places = placesFor(lightOf);
  const values = Array.from({ length: edge }, (_, i) => valueAt(places, i / (edge - 1)));
  const points = new Float32Array(edge ** 3 * 4);
  let at = 0;
  for (const b of values)
    for (const g of values)
      for (const r of values) {
        points.set(changed(lightOf([r, g, b]), bent), at);
        at += 4;
      }
  return { edge, places, points };
}

/** What a graphics processor makes of a colour with this table, 0–1: the same as in shader.ts. */
export function lookedUp({ places, points }: ColourCube, rgb: Triple): Triple {
  const axes = rgb.map((value) => {
    const at = (places[Math.round(value * 255)] ?? 0) * (edge - 1);
    const below = Math.min(Math.floor(at), edge - 2);
    return { below, rest: at - below };
  });
  const sums: [number, number, number] = [0, 0, 0];
  for (let corner = 0; corner < 8; corner++) {
    let [index, stride, share] = [0, 1, 1];
    for (const [channel, { below, rest }] of axes.entries()) {
      const isFar = ((corner >> channel) & 1) === 1;
      index += (below + (isFar ? 1 : 0)) * stride;
      share *= isFar ? rest : 1 - rest;
      stride *= edge;
    }
    for (const channel of [0, 1, 2] as const) sums[channel] += share * (points[4 * index + channel] ?? 0);
  }
  return changed(sums, (value) => onScreen(unbent(value)));
}

/** A linear share of light as sRGB writes it, held within what a screen can show. */
export function onScreen(light: number): number {
  const held = Math.min(1, Math.max(0, light));
  return held <= 0.0031308 ? 12.92 * held : 1.055 * held ** (1 / 2.4) - 0.055;
}

/** Below black the curve goes on straight. */
function bent(light: number): number {
  const { power, added } = bend;
  if (light >= 0) return (light + added) ** (1 / power);
  return added ** (1 / power) + (light / power) * added ** (1 / power - 1);
}

function unbent(value: number): number {
  return Math.max(0, value) ** bend.power - bend.added;
}

/** Whether a table changes no colour by more than one step of 255: then the slide's own pixels are shown. */
export function changesNothing(cube: ColourCube): boolean {
  const steps = Array.from({ length: 16 }, (_, i) => i * 17);
  return steps.every((r) =>
    steps.every((g) =>
      steps.every((b) => {
        const shown = lookedUp(cube, [r / 255, g / 255, b / 255]).map((value) => Math.round(value * 255));
        return [r, g, b].every(
          (value, i) => Math.abs(Math.min(255, Math.max(0, shown[i] ?? 0)) - value) <= 1,
        );
      }),
    ),
  );
}

/** Along the greys, how light each value is made, from 0 to 1, never falling. */
function placesFor(lightOf: (rgb: Triple) => Triple): Float32Array<ArrayBuffer> {
  const places = new Float32Array(256);
  const lightness = (value: number) => onScreen(lightOf([value, value, value])[1]);
  const black = lightness(0);
  const reach = lightness(1) - black;
  let highest = 0;
  for (let value = 0; value < 256; value++) {
    const even = value / 255;
    const light = reach > 0.1 ? (lightness(even) - black) / reach : even;
    highest = Math.max(highest, Math.min(1, light));
    // A little of the value itself, so that no two lie at one place where the profile makes them equal.
    places[value] = highest * 0.9 + even * 0.1;
  }
  return places;
}

/** The value of a channel (0–1) that lies at `place`. */
function valueAt(places: Float32Array, place: number): number {
  let above = places.findIndex((one) => one >= place);
  if (above < 0) above = 255;
  if (above === 0) return 0;
  const [from = 0, to = 1] = [places[above - 1], places[above]];
  return (above - 1 + (place - from) / (to - from)) / 255;
}
