import sharp from 'sharp';
import { workerData as piscinaData } from 'piscina';
import { halved, type Rect, type Size } from '../src/core/geometry.ts';
import { paintAt } from './defocus.ts';
import { encode, type Encoded, type Encoding } from './encode.ts';
import { halvingsInThreads } from './layouts.ts';
import { fitted, halve, place, repeatEdges, type Pixels } from './levels.ts';
import { makePalette, paint } from './painter.ts';
import type { SlidePlan } from './plan.ts';

/** What a painting thread is told at its start. */
export interface BlockSetup {
  readonly plan: SlidePlan;
  readonly encoding: Encoding;
  /** Levels the thread encodes, fine to coarse, at most {@link halvingsInThreads} halvings. */
  readonly levels: readonly { readonly size: Size; readonly halvings: number }[];
  /** Whether to hand over what is left after one halving more than the thread encodes. */
  readonly wantsOverview: boolean;
  /** Rows of a strip; only where the encoding has no tiles. */
  readonly rowsPerStrip: number;
}

/** What is to be painted. */
export interface BlockOrder {
  /** px; may reach beyond the slide. */
  readonly area: Rect;
  /** µm from nominal focus; absent: all is sharp. */
  readonly height?: number;
}

/** A painted and encoded part of the slide. */
export interface Block {
  /** In the order of {@link BlockSetup.levels}. */
  readonly levels: readonly Encoded[];
  readonly overview?: Pixels;
}

sharp.cache(false);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- workerData is untyped; only make-sample.ts starts this
const setup = piscinaData as BlockSetup;
const palette = makePalette(setup.plan);

/** Paints and encodes a part of the slide. */
export default async function makeBlock({ area, height }: BlockOrder): Promise<Block> {
  const { plan, encoding, levels, wantsOverview } = setup;
  let pixels: Pixels =
    height === undefined
      ? { width: area.width, height: area.height, rgb: paint(palette, area) }
      : await paintAt(palette, area, height);
  if (encoding.tileSize === undefined) return { levels: [await encodeStrips(pixels, area)] };
  let size = plan.size;
  const encoded: Encoded[] = [];
  const last = wantsOverview ? halvingsInThreads + 1 : 0;
  for (let halvings = 0; halvings <= last; halvings++) {
    if (halvings > 0) {
      pixels = halve(pixels);
      size = halved(size);
    }
    const [left, top] = [area.left >> halvings, area.top >> halvings];
    repeatEdges(pixels, { width: size.width - left, height: size.height - top });
    const level = levels.find((level) => level.halvings === halvings);
    if (level !== undefined) encoded.push(await encodeTiles(pixels, level.size, left, top));
  }
  return wantsOverview ? { levels: encoded, overview: pixels } : { levels: encoded };
}

/** Tiles of one level in the block, as far as the level reaches; none where it ends before the block. */
async function encodeTiles(pixels: Pixels, level: Size, left: number, top: number): Promise<Encoded> {
  const { tileSize = 0 } = setup.encoding;
  const width = Math.min(pixels.width, level.width - left);
  const height = Math.min(pixels.height, level.height - top);
  if (width <= 0 || height <= 0) return { segments: [], rowsPerStrip: 0, fields: [] };
  const whole = (length: number): number => Math.ceil(length / tileSize) * tileSize;
  const isWhole = width === pixels.width && height === pixels.height && whole(width) === width;
  if (isWhole && whole(height) === height) return encode(pixels, setup.encoding);
  return encode(
    fitted(pixels, { width: whole(width), height: whole(height) }, { width, height }),
    setup.encoding,
  );
}

/** Strips as wide as the slide; each is a libvips call of its own, so each has the height asked for. */
async function encodeStrips(pixels: Pixels, area: Rect): Promise<Encoded> {
  const { plan, encoding, rowsPerStrip } = setup;
  const bottom = Math.min(area.height, plan.size.height - area.top);
  const segments: Uint8Array[] = [];
  let fields: Encoded['fields'] = [];
  for (let top = 0; top < bottom; top += rowsPerStrip) {
    const height = Math.min(rowsPerStrip, bottom - top);
    const strip = { width: plan.size.width, height, rgb: new Uint8Array(plan.size.width * height * 3) };
    const line = pixels.width * 3;
    place({ ...pixels, height, rgb: pixels.rgb.subarray(top * line, (top + height) * line) }, strip, 0, 0);
    const encoded = await encode(strip, encoding);
    segments.push(...encoded.segments);
    ({ fields } = encoded);
  }
  return { segments, rowsPerStrip, fields };
}
