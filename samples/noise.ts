/** 32 well-mixed bits from a seed and a lattice point; the only source of chance here, so all is repeatable. */
export function hash(seed: number, x: number, y: number): number {
  let h = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const directions = 32;
const gradientX = Float64Array.from({ length: directions }, (_, i) =>
  Math.cos((i * 2 * Math.PI) / directions),
);
const gradientY = Float64Array.from({ length: directions }, (_, i) =>
  Math.sin((i * 2 * Math.PI) / directions),
);

/** Ramp of a lattice point's gradient at a distance from it. */
function ramp(h: number, dx: number, dy: number): number {
  const i = h & (directions - 1);
  return gradientX[i]! * dx + gradientY[i]! * dy;
}

/** Smooth step with zero first and second derivatives at 0 and 1. */
const fade = (t: number): number => t * t * t * (t * (t * 6 - 15) + 10);

/** Lattice point `i` of a lattice that repeats after `period` points; 0 = never. */
const wrap = (i: number, period: number): number => (period === 0 ? i : ((i % period) + period) % period);

/**
 * Gradient noise in about [-1, 1], zero at lattice points, one feature per unit. Some 30 ns.
 *
 * @param periodX lattice points after which it repeats along x; 0 = never
 */
export function noise(seed: number, x: number, y: number, periodX = 0, periodY = 0): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const dx = x - x0;
  const dy = y - y0;
  const left = wrap(x0, periodX);
  const right = wrap(x0 + 1, periodX);
  const top = wrap(y0, periodY);
  const bottom = wrap(y0 + 1, periodY);
  const a = ramp(hash(seed, left, top), dx, dy);
  const b = ramp(hash(seed, right, top), dx - 1, dy);
  const c = ramp(hash(seed, left, bottom), dx, dy - 1);
  const d = ramp(hash(seed, right, bottom), dx - 1, dy - 1);
  const u = fade(dx);
  const upper = a + (b - a) * u;
  const lower = c + (d - c) * u;
  return (upper + (lower - upper) * fade(dy)) * 1.5;
}

/** Sum of `octaves` of {@link noise}, each twice as fine and half as strong; about [-1, 1]. */
export function fractal(seed: number, x: number, y: number, octaves: number): number {
  let sum = 0;
  let strength = 1;
  let scale = 1;
  for (let i = 0; i < octaves; i++) {
    sum += strength * noise(seed + i * 101, x * scale, y * scale);
    strength /= 2;
    scale *= 2;
  }
  return sum / (2 - 2 * strength);
}

/** 0 up to `from`, 1 beyond `to`, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
