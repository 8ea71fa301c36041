import { IccError, type IccBytes } from './icc-bytes.ts';

/** From 0–1 to 0–1. */
export type Curve = (x: number) => number;

/** A curve, and how many bytes it took. */
export interface ParsedCurve {
  readonly curve: Curve;
  readonly length: number;
}

/** Entries of a sampled curve; 16 bits give no more. */
const mostEntries = 65_536;

/** How many numbers each kind of formula has. */
const parameterCounts = [1, 3, 4, 5, 7];

/**
 * Reads a curve, sampled or by formula.
 *
 * @throws {IccError}
 * @see ICC.1:2022, 10.6 and 10.18
 */
export function parseCurve(bytes: IccBytes): ParsedCurve {
  const type = bytes.signature(0);
  if (type === 'curv') return sampledCurve(bytes);
  if (type === 'para') return formulaCurve(bytes);
  throw new IccError(`a curve is of the unknown type ${type}`);
}

/** A curve through samples that lie evenly between 0 and 1. */
export function curveThrough(samples: Float32Array): Curve {
  const last = samples.length - 1;
  return (x) => {
    const at = clipped(x) * last;
    const below = Math.min(Math.floor(at), last - 1);
    const [from = 0, to = 0] = [samples[below], samples[below + 1]];
    return from + (to - from) * (at - below);
  };
}

/** A number held within 0 and 1; what is none counts as 0. */
export function clipped(value: number): number {
  return value >= 1 ? 1 : value > 0 ? value : 0;
}

function sampledCurve(bytes: IccBytes): ParsedCurve {
  const count = bytes.u32(8);
  if (count > mostEntries) throw new IccError(`a curve has ${count} entries`);
  const length = 12 + 2 * count;
  if (count === 0) return { curve: clipped, length };
  if (count > 1) return { curve: curveThrough(bytes.shares(12, count, 2)), length };
  const gamma = bytes.u16(12) / 256;
  return { curve: (x) => clipped(x) ** gamma, length };
}

function formulaCurve(bytes: IccBytes): ParsedCurve {
  const kind = bytes.u16(8);
  const count = parameterCounts[kind];
  if (count === undefined) throw new IccError(`a curve has the unknown formula ${kind}`);
  const numbers = Array.from({ length: count }, (_, i) => bytes.s15Fixed16(12 + 4 * i));
  const formula = formulaOf(kind, numbers);
  return { curve: (x) => clipped(formula(clipped(x))), length: 12 + 4 * count };
}

function formulaOf(kind: number, numbers: readonly number[]): Curve {
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
  const power = (x: number) => Math.max(0, a * x + b) ** g;
  if (kind === 0) return (x) => x ** g;
  if (kind === 1) return (x) => (x >= -b / a ? power(x) : 0);
  if (kind === 2) return (x) => (x >= -b / a ? power(x) + c : c);
  return (x) => (x >= d ? power(x) + e : c * x + f);
}
