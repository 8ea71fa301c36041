import { gainOf, luminance, type Adjustments } from './adjustments.ts';
import { bend, lookedUp, onScreen, type ColourCube } from './colour-cube.ts';
import { perChannel, type Triple } from './triple.ts';

/** What is done to every pixel. */
export interface Look {
  readonly adjustments: Adjustments;
  /** The slide's own colour that becomes white, 0–1; absent: none does. */
  readonly white?: Triple | undefined;
  /** The scanner's colours; absent: they are taken as the screen's. */
  readonly cube?: ColourCube | undefined;
}

/** A pixel's colour, 0–255 each, as it is shown: red + 256 × green + 65,536 × blue. */
export type ColourChange = (red: number, green: number, blue: number) => number;

/** The white of a look as it leaves the cube, 0–1: so it holds with and without the colour profile. */
export function shownWhite({ white, cube }: Look): Triple | undefined {
  return white === undefined || cube === undefined ? white : lookedUp(cube, white);
}

/** The same as in shader.ts, for the processor: by tables, some 0.1 µs a colour, and within one step of 255. */
export function colourChange(look: Look): ColourChange {
  const { saturation } = look.adjustments;
  const mixed = (x: number, y: number, z: number) => {
    const light = luminance[0] * x + luminance[1] * y + luminance[2] * z;
    const part = (value: number) => {
      const shown = light + (value - light) * saturation;
      return shown <= 0 ? 0 : shown >= 1 ? 255 : Math.round(shown * 255);
    };
    return part(x) + 256 * part(y) + 65_536 * part(z);
  };
  return look.cube === undefined ? byChannel(look, mixed) : byCube(look, look.cube, mixed);
}

type Mix = (x: number, y: number, z: number) => number;

function byChannel(look: Look, mixed: Mix): ColourChange {
  const [red, green, blue] = perChannel((channel) => {
    const adjust = channelChange(look, channel);
    return Float32Array.from({ length: 256 }, (_, value) => adjust(value / 255));
  });
  return (r, g, b) => mixed(red[r] ?? 0, green[g] ?? 0, blue[b] ?? 0);
}

/** What the cube gives is looked up in so many steps, from 0 to a little above white. */
const steps = 4096;
const reach = 1.05;

function byCube(look: Look, { edge, places, points }: ColourCube, mixed: Mix): ColourChange {
  const [red, green, blue] = perChannel((channel) => {
    const adjust = channelChange(look, channel);
    const light = (step: number) => Math.max(0, (step / steps) * reach) ** bend.power - bend.added;
    return Float32Array.from({ length: steps + 1 }, (_, step) => adjust(onScreen(light(step))));
  });
  const below = Int32Array.from(places, (place) => Math.min(Math.floor(place * (edge - 1)), edge - 2));
  const rest = Float32Array.from(places, (place, i) => place * (edge - 1) - (below[i] ?? 0));
  const [across, up] = [4 * edge, 4 * edge * edge];
  return (r, g, b) => {
    const [x, y, z] = [rest[r] ?? 0, rest[g] ?? 0, rest[b] ?? 0];
    const at = 4 * (below[r] ?? 0) + across * (below[g] ?? 0) + up * (below[b] ?? 0);
    const along = (from: number) => (points[from] ?? 0) * (1 - x) + (points[from + 4] ?? 0) * x;
    const face = (from: number) => along(from) * (1 - y) + along(from + across) * y;
    const within = (from: number) => face(from) * (1 - z) + face(from + up) * z;
    return mixed(
      red[step(within(at))] ?? 0,
      green[step(within(at + 1))] ?? 0,
      blue[step(within(at + 2))] ?? 0,
    );
  };
}

function step(value: number): number {
  return Math.min(steps, Math.max(0, Math.round((value * steps) / reach)));
}

/** What is done to one channel before the saturation, 0–1. */
function channelChange(look: Look, channel: 0 | 1 | 2): (value: number) => number {
  const { brightness, contrast, gamma } = look.adjustments;
  const gain = gainOf(shownWhite(look)?.[channel]);
  return (value) => {
    const lit = (value * gain - 0.5) * contrast + 0.5 + brightness;
    return Math.min(1, Math.max(0, lit)) ** (1 / gamma);
  };
}
