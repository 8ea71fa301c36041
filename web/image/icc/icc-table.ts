import { IccError, type IccBytes } from './icc-bytes.ts';
import { changed, perChannel, type Triple } from '../triple.ts';
import { clipped, curveThrough, parseCurve, type Curve } from './icc-curve.ts';

/** How the numbers that a table gives (0–1) stand for a colour. */
export type Encoding = 'old' | 'new' | 'narrow';

/** A profile's table, curves included: from red, green and blue (0–1) to a colour in its encoding. */
export interface IccTable {
  readonly encoding: Encoding;
  readonly colourOf: (rgb: Triple) => Triple;
}

type Step = (values: Triple) => Triple;

/**
 * Reads a table of the types `mft1`, `mft2` and `mAB `.
 *
 * @throws {IccError}
 * @see ICC.1:2022, 10.10 to 10.12
 */
export function parseTable(bytes: IccBytes): IccTable {
  const type = bytes.signature(0);
  const [inputs, outputs] = [bytes.u8(8), bytes.u8(9)];
  if (inputs !== 3 || outputs !== 3) throw new IccError(`a table goes from ${inputs} to ${outputs} numbers`);
  if (type === 'mft1') return { encoding: 'narrow', colourOf: plainTable(bytes, 48, 1, [256, 256]) };
  if (type === 'mft2') {
    const entries = [bytes.u16(48), bytes.u16(50)] as const;
    return { encoding: 'old', colourOf: plainTable(bytes, 52, 2, entries) };
  }
  if (type === 'mAB ') return { encoding: 'new', colourOf: steppedTable(bytes) };
  throw new IccError(`a table is of the unknown type ${type}`);
}

/** Curves, a cube, curves; the matrix before them counts for XYZ only, which comes from no scanner. */
function plainTable(bytes: IccBytes, from: number, width: 1 | 2, entries: readonly [number, number]): Step {
  const [before, after] = entries;
  if (before < 2 || after < 2) throw new IccError('a table has curves of one entry');
  const edge = bytes.u8(10);
  const cubeAt = from + 3 * before * width;
  const cube = cubeOf(bytes.part(cubeAt), [edge, edge, edge], width);
  const afterAt = cubeAt + edge ** 3 * 3 * width;
  const curvesAt = (at: number, count: number) =>
    byCurves(perChannel((i) => curveThrough(bytes.shares(at + i * count * width, count, width))));
  return inTurn([curvesAt(from, before), cube, curvesAt(afterAt, after)]);
}

/** Curves, a cube, curves, a matrix, curves: each may be left out, which its offset 0 says. */
function steppedTable(bytes: IccBytes): Step {
  const [b, matrix, m, cube, a] = [12, 16, 20, 24, 28].map((at) => bytes.u32(at));
  const steps: Step[] = [];
  if (a) steps.push(curvesOf(bytes.part(a)));
  if (cube) {
    const edges = perChannel((i) => bytes.u8(cube + i));
    const width = bytes.u8(cube + 16);
    if (width !== 1 && width !== 2) throw new IccError(`a table has numbers of ${width} bytes`);
    steps.push(cubeOf(bytes.part(cube + 20), edges, width));
  }
  if (m) steps.push(curvesOf(bytes.part(m)));
  if (matrix) steps.push(matrixOf(bytes.part(matrix, 48)));
  if (b) steps.push(curvesOf(bytes.part(b)));
  return inTurn(steps);
}

/** Three curves, one behind the other, each beginning at a multiple of four bytes. */
function curvesOf(bytes: IccBytes): Step {
  let at = 0;
  const curves = perChannel(() => {
    const { curve, length } = parseCurve(bytes.part(at));
    at += Math.ceil(length / 4) * 4;
    return curve;
  });
  return byCurves(curves);
}

function byCurves(curves: readonly [Curve, Curve, Curve]): Step {
  return (values) => changed(values, (value, channel) => curves[channel](value));
}

function matrixOf(bytes: IccBytes): Step {
  const n = Array.from({ length: 12 }, (_, i) => bytes.s15Fixed16(4 * i));
  const row = (i: number, [x, y, z]: Triple) =>
    clipped((n[3 * i] ?? 0) * x + (n[3 * i + 1] ?? 0) * y + (n[3 * i + 2] ?? 0) * z + (n[9 + i] ?? 0));
  return (values) => [row(0, values), row(1, values), row(2, values)];
}

function inTurn(steps: readonly Step[]): Step {
  return (values) => steps.reduce((now, step) => step(now), values);
}

/** A cube of colours, red slowest; between its points by tetrahedra, as colour engines do. */
function cubeOf(bytes: IccBytes, edges: Triple, width: 1 | 2): Step {
  if (edges.some((edge) => edge < 2)) throw new IccError('a table has only one point along an edge');
  const points = bytes.shares(0, edges[0] * edges[1] * edges[2] * 3, width);
  const strides = [edges[1] * edges[2] * 3, edges[2] * 3, 3] as const;
  const place = (value: number, channel: 0 | 1 | 2) => {
    const at = clipped(value) * (edges[channel] - 1);
    const below = Math.min(Math.floor(at), edges[channel] - 2);
    return { offset: below * strides[channel], rest: at - below, stride: strides[channel] };
  };
  return ([r, g, b]) => {
    const places = [place(r, 0), place(g, 1), place(b, 2)];
    const from = places.reduce((sum, { offset }) => sum + offset, 0);
    // From the near corner along the edges, the longest way first: the corners of the tetrahedron.
    let corner = from;
    let [x, y, z] = [points[from] ?? 0, points[from + 1] ?? 0, points[from + 2] ?? 0];
    for (const { rest, stride } of places.toSorted((one, other) => other.rest - one.rest)) {
      const next = corner + stride;
      x += rest * ((points[next] ?? 0) - (points[corner] ?? 0));
      y += rest * ((points[next + 1] ?? 0) - (points[corner + 1] ?? 0));
      z += rest * ((points[next + 2] ?? 0) - (points[corner + 2] ?? 0));
      corner = next;
    }
    return [x, y, z];
  };
}
