import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { bakeCube, changesNothing, lookedUp } from '../web/image/colour-cube.ts';
import { IccError } from '../web/image/icc/icc-bytes.ts';
import { parseProfile } from '../web/image/icc/icc-profile.ts';
import { screenLight } from '../web/image/icc/screen-light.ts';
import {
  formula,
  iccProfile,
  narrowTable,
  sampled,
  steppedTable,
  wideTable,
  xyz,
  type TableParts,
} from './icc-profiles.ts';
import { decode, runTool } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

type Rgb = readonly [number, number, number];

const folder = await mkdtemp(join(tmpdir(), 'telepath-icc-'));
afterAll(() => rm(folder, { recursive: true }));

/** Primaries of a scanner that sees a little more than sRGB. */
const primaries = {
  r: [0.4852, 0.2489, 0.0131],
  g: [0.3189, 0.6911, 0.0669],
  b: [0.1601, 0.06, 0.7449],
} as const;

/** The scanner's colours as XYZ. */
function seen(rgb: Rgb, gamma: number): Rgb {
  const [r, g, b] = rgb.map((value) => value ** gamma) as [number, number, number];
  return [0, 1, 2].map(
    (i) => primaries.r[i]! * r + primaries.g[i]! * g + primaries.b[i]! * b,
  ) as unknown as Rgb;
}

const root = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);

/** XYZ as Lab, each 0–1 as profiles of new write it. */
function labShares([x, y, z]: Rgb): Rgb {
  const [fx, fy, fz] = [root(x / 0.9642), root(y), root(z / 0.8249)];
  return [(116 * fy - 16) / 100, (500 * (fx - fy) + 128) / 255, (200 * (fy - fz) + 128) / 255];
}

const old = 65_280 / 65_535;
const lab: TableParts = {
  edge: 17,
  colourOf: (rgb) => labShares(seen(rgb, 1.9)),
  before: (x) => x,
  after: (x) => x,
};
/** Leaves black, white and the middle, which is neither red nor green, where they are. */
const swung = (x: number) => x + 0.3 * x * (x - 128 / 255) * (1 - x);
const bent: TableParts = { ...lab, before: (x) => x ** 1.2, after: swung, edge: 21 };
const trc = {
  rXYZ: xyz(primaries.r),
  gXYZ: xyz(primaries.g),
  bXYZ: xyz(primaries.b),
};
const curves = (r: Buffer, g = r, b = r) => ({ ...trc, rTRC: r, gTRC: g, bTRC: b });
const samples = Array.from({ length: 1024 }, (_, i) => 0.5 * (i / 1023) ** 1.6 + 0.5 * (i / 1023) ** 2.4);

/** Profiles of every kind. */
const made: Readonly<Record<string, () => Buffer>> = {
  'matrix, gamma 1.8': () => iccProfile({ space: 'XYZ', version: 2, tags: curves(sampled(1.8)) }),
  'matrix, linear light': () => iccProfile({ space: 'XYZ', version: 2, tags: curves(sampled()) }),
  'matrix, sampled curves': () => iccProfile({ space: 'XYZ', version: 2, tags: curves(sampled(...samples)) }),
  'matrix, formulas 0 to 2': () =>
    iccProfile({
      space: 'XYZ',
      version: 4,
      tags: curves(formula(0, 2.1), formula(1, 2.2, 0.95, 0.05), formula(2, 2, 0.9, 0.05, 0.02)),
    }),
  'matrix, formulas 3 and 4': () =>
    iccProfile({
      space: 'XYZ',
      version: 4,
      tags: curves(
        formula(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
        formula(4, 2.2, 0.95, 0.04, 0.08, 0.06, 0.01, 0.002),
      ),
    }),
  'mft1, Lab': () =>
    iccProfile({ space: 'Lab', version: 2, tags: { A2B1: narrowTable({ ...lab, edge: 33 }) } }),
  'mft2, Lab of version 2': () =>
    iccProfile({ space: 'Lab', version: 2, tags: { A2B1: wideTable(oldLab(lab), 256) } }),
  'mft2, Lab of version 4': () =>
    iccProfile({ space: 'Lab', version: 4, tags: { A2B1: wideTable(oldLab(bent), 1024) } }),
  'mft2, XYZ': () => {
    const parts = { ...lab, before: (x: number) => x ** 1.9, colourOf: (rgb: Rgb) => halved(seen(rgb, 1)) };
    return iccProfile({ space: 'XYZ', version: 2, tags: { A2B1: wideTable(parts, 512) } });
  },
  'mAB, Lab, 16 bits': () => stepped(bent, 2),
  'mAB, Lab, 8 bits': () => stepped({ ...lab, edge: 33 }, 1),
  'colorimetric beside perceptual': () => {
    const pale = {
      ...oldLab(lab),
      colourOf: (rgb: Rgb) =>
        oldLab(lab)
          .colourOf(rgb)
          .map((v) => v * 0.8) as unknown as Rgb,
    };
    const tags = { A2B0: wideTable(pale, 2), A2B1: wideTable(oldLab(lab), 2), ...curves(sampled(1.2)) };
    return iccProfile({ space: 'Lab', version: 2, tags });
  },
};

function oldLab(parts: TableParts): TableParts {
  return { ...parts, colourOf: (rgb) => parts.colourOf(rgb).map((value) => value * old) as unknown as Rgb };
}

function halved(colour: Rgb): Rgb {
  return colour.map((value) => (value * 32_768) / 65_535) as unknown as Rgb;
}

function stepped(parts: TableParts, width: 1 | 2): Buffer {
  const middle = sampled(...Array.from({ length: 300 }, (_, i) => swung(i / 299)));
  // Turns the colours around the greys a little.
  const grey = 128 / 255;
  const matrix = [1, 0, 0, 0, 0.95, 0.1, 0, -0.1, 0.95, 0, -0.05 * grey, 0.15 * grey];
  const table = steppedTable({ ...parts, middle, matrix }, width);
  return iccProfile({ space: 'Lab', version: 4, tags: { A2B1: table } });
}

/** Greys, pure colours, and 4,000 colours at random, each a pixel. */
const colours = ((): Buffer => {
  const pure = [0, 128, 255].flatMap((r) =>
    [0, 128, 255].flatMap((g) => [0, 128, 255].map((b) => [r, g, b])),
  );
  const greys = Array.from({ length: 256 }, (_, i) => [i, i, i]);
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) % 256;
  const rest = Array.from({ length: 4096 - 27 - 256 }, () => [random(), random(), random()]);
  return Buffer.from([...pure, ...greys, ...rest].flat());
})();
const source = join(folder, 'colours.png');
await sharp(colours, { raw: { width: 64, height: 64, channels: 3 } })
  .png()
  .toFile(source);

/** The colours as Little CMS shows them on an sRGB screen. */
async function truth(profile: string): Promise<Buffer> {
  const out = join(folder, 'truth.png');
  await runTool(
    'vips',
    'icc_transform',
    source,
    out,
    'srgb',
    '--input-profile',
    profile,
    '--intent',
    'relative',
  );
  return (await decode(out)).rgb;
}

/** The colours as the viewer's table shows them. */
function shown(profile: Buffer): Buffer {
  const cube = bakeCube(screenLight(parsed(profile)));
  const out = Buffer.alloc(colours.length);
  for (let at = 0; at < colours.length; at += 3) {
    const rgb = [0, 1, 2].map((i) => colours[at + i]! / 255) as unknown as Rgb;
    lookedUp(cube, rgb).forEach(
      (value, i) => (out[at + i] = Math.round(Math.min(1, Math.max(0, value)) * 255)),
    );
  }
  return out;
}

function parsed(bytes: Buffer) {
  return parseProfile(new Uint8Array(bytes).buffer);
}

/**
 * How far the viewer is from Little CMS, of 255: `inside` counts colours that a screen can show well. At the edge of what
 * it can show the engine itself is up to 15 off, because it looks such tables up in a cube of its own.
 */
function distance(ours: Buffer, theirs: Buffer) {
  const all = [...ours].map((value, i) => Math.abs(value - theirs[i]!));
  const isInside = (i: number) => {
    const pixel = theirs.subarray(i - (i % 3), i - (i % 3) + 3);
    return pixel.every((value) => value >= 32 && value <= 250) || new Set(pixel).size === 1;
  };
  return {
    inside: Math.max(...all.filter((_, i) => isInside(i))),
    mean: all.reduce((sum, value) => sum + value, 0) / all.length,
    off: all.filter((value) => value > 3).length / all.length,
  };
}

describe('colour profiles, against Little CMS', () => {
  it.each(Object.keys(made))('are applied right: %s', async (name) => {
    const bytes = made[name]!();
    const file = join(folder, 'made.icc');
    await writeFile(file, bytes);
    const { inside, mean, off } = distance(shown(bytes), await truth(file));
    expect(inside).toBeLessThanOrEqual(3);
    expect(mean).toBeLessThan(0.4);
    expect(off).toBeLessThan(0.01);
  });

  it('are applied right: Display P3, as it is in real files', async () => {
    const picture = await sharp(source).withIccProfile('p3').jpeg().toBuffer();
    const icc = (await sharp(picture).metadata()).icc!;
    const file = join(folder, 'p3.icc');
    await writeFile(file, icc);
    const { inside, mean, off } = distance(shown(icc), await truth(file));
    expect(inside).toBeLessThanOrEqual(2);
    expect(mean).toBeLessThan(0.2);
    expect(off).toBe(0);
  });

  it('leave a slide in sRGB as it is, to the bit', async () => {
    const slide = slidePath('tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-jpeg.tif');
    const icc = (await sharp(slide).metadata()).icc!;
    const file = join(folder, 'srgb.icc');
    await writeFile(file, icc);
    expect(icc.length).toBe(3144);
    expect(distance(shown(icc), await truth(file)).inside).toBeLessThanOrEqual(1);
    expect(changesNothing(bakeCube(screenLight(parsed(icc))))).toBe(true);
    expect(changesNothing(bakeCube(screenLight(parsed(made['matrix, gamma 1.8']!()))))).toBe(false);
  });
});

describe('damaged profiles', () => {
  const all = Object.values(made).map((make) => make());

  it.each([0, 1, 100, 131, 132, 140, 200])('are refused when only %i bytes are there', (length) => {
    for (const bytes of all) expect(() => screenLight(parsed(bytes.subarray(0, length)))).toThrow(IccError);
  });

  it('never give anything but colours or an IccError, whatever bytes are changed', () => {
    fc.assert(
      fc.property(
        fc.nat(all.length - 1),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        (which, changes, cut) => {
          const bytes = Buffer.from(all[which]!);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const kept = cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
          try {
            const change = screenLight(parsed(kept));
            for (const rgb of [
              [0, 0, 0],
              [1, 1, 1],
              [0.3, 0.9, 0.1],
            ] as const)
              for (const value of change(rgb)) expect(Number.isFinite(value)).toBe(true);
          } catch (error) {
            if (!(error instanceof IccError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('say what is wrong', () => {
    const matrix = made['matrix, gamma 1.8']!();
    const changed = (at: number, text: string) => {
      const bytes = Buffer.from(matrix);
      bytes.write(text, at, 'latin1');
      return () => screenLight(parsed(bytes));
    };
    expect(changed(16, 'CMYK')).toThrow('it is for CMYK, not for RGB');
    expect(changed(12, 'link')).toThrow('it is for something else (link) than pictures');
    expect(changed(36, 'nope')).toThrow('it is no ICC profile');
    expect(() => parsed(Buffer.alloc(500, 'no profile'))).toThrow('it is no ICC profile');
  });
});
