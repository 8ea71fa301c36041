import { IccError, type IccBytes } from './icc-bytes.ts';
import { parseCurve } from './icc-curve.ts';
import type { IccProfile } from './icc-profile.ts';
import { changed, perChannel, type Triple } from '../triple.ts';
import { parseTable, type Encoding } from './icc-table.ts';

/** CIE XYZ of D50, in which profiles tell colours. */
const d50: Triple = [0.9642, 1, 0.8249];

/** From XYZ under D50 to linear sRGB, by rows: sRGB's own primaries, adapted by Bradford. */
const toLinear: readonly [Triple, Triple, Triple] = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/**
 * What a profile makes of a picture's red, green and blue (0–1): the light of an sRGB screen's, linear, 0–1 where it can
 * show the colour, beyond that where it cannot.
 *
 * Relative colorimetric, without black point compensation: the medium's white is the screen's white, and every colour
 * keeps its distance to it. Tables come before the matrix, the colorimetric before the perceptual one.
 *
 * @throws {IccError}
 */
export function screenLight(profile: IccProfile): (rgb: Triple) => Triple {
  const table = profile.tag('A2B1') ?? profile.tag('A2B0') ?? profile.tag('A2B2');
  const xyzOf = table === undefined ? xyzByMatrix(profile) : xyzByTable(profile, table);
  const [red, green, blue] = toLinear;
  return (rgb) => {
    const xyz = xyzOf(rgb);
    return [product(red, xyz), product(green, xyz), product(blue, xyz)];
  };
}

function xyzByMatrix(profile: IccProfile): (rgb: Triple) => Triple {
  if (profile.space !== 'XYZ') throw new IccError('it has no table of colours');
  const letters = ['r', 'g', 'b'] as const;
  const primaries = perChannel((i) => xyzIn(needed(profile, `${letters[i]}XYZ`)));
  const curves = perChannel((i) => parseCurve(needed(profile, `${letters[i]}TRC`)).curve);
  return (rgb) => {
    const [red, green, blue] = changed(rgb, (value, channel) => curves[channel](value));
    return perChannel((i) => primaries[0][i] * red + primaries[1][i] * green + primaries[2][i] * blue);
  };
}

function needed(profile: IccProfile, name: string): IccBytes {
  const tag = profile.tag(name);
  if (tag === undefined) throw new IccError(`it has neither a table of colours nor ${name}`);
  return tag;
}

function xyzIn(bytes: IccBytes): Triple {
  if (bytes.signature(0) !== 'XYZ ') throw new IccError('a primary colour is of an unknown type');
  return [bytes.s15Fixed16(8), bytes.s15Fixed16(12), bytes.s15Fixed16(16)];
}

function xyzByTable(profile: IccProfile, bytes: IccBytes): (rgb: Triple) => Triple {
  const { encoding, colourOf } = parseTable(bytes);
  if (profile.space === 'XYZ') {
    const largest = 1 + 32_767 / 32_768;
    return (rgb) => changed(colourOf(rgb), (value) => value * largest);
  }
  return (rgb) => xyzOfLab(labIn(encoding, colourOf(rgb)));
}

/** Lab as tables write it: 16 bits of old, where 0xff00 is 100, and of new, where 0xffff is. */
function labIn(encoding: Encoding, [l, a, b]: Triple): Triple {
  const scale = encoding === 'old' ? 65_535 / 65_280 : 1;
  return [l * 100 * scale, a * 255 * scale - 128, b * 255 * scale - 128];
}

function xyzOfLab([l, a, b]: Triple): Triple {
  const y = (l + 16) / 116;
  return [d50[0] * cubed(y + a / 500), d50[1] * cubed(y), d50[2] * cubed(y - b / 200)];
}

/** Lightness as light; straight near black. */
function cubed(t: number): number {
  return t > 6 / 29 ? t ** 3 : (108 / 841) * (t - 4 / 29);
}

function product(row: Triple, [x, y, z]: Triple): number {
  return row[0] * x + row[1] * y + row[2] * z;
}
