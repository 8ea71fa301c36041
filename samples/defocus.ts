import sharp from 'sharp';
import type { Rect } from '../src/core/geometry.ts';
import type { Pixels } from './levels.ts';
import { noise } from './noise.ts';
import { paint, type Palette } from './painter.ts';

/** How far the light of a point spreads for each µm out of focus, as an objective of aperture 0.75 has it, µm. */
const spread = 0.35;
/** Widest blur, px, and the margin that it needs; paint wants corners on multiples of 16. */
const [widest, margin] = [10, 32] as const;
/** Blurs that are made; what lies between is mixed of the two beside it. */
const sigmas = [0, 1, 2, 4, widest] as const;
/** Edge of a square that is blurred alike, px. */
const cell = 16;
/** How much tissue rises and falls, µm, and over which way: no section is flat. */
const relief = { height: 1.2, over: 300 } as const;

/**
 * A part of the slide as it is seen at one height: sharp where the tissue lies at it, blurred by the distance
 * elsewhere.
 *
 * @param height µm from nominal focus
 */
export async function paintAt(palette: Palette, area: Rect, height: number): Promise<Pixels> {
  const wide = {
    left: area.left - margin,
    top: area.top - margin,
    width: area.width + 2 * margin,
    height: area.height + 2 * margin,
  };
  const sharpOne = Buffer.from(paint(palette, wide));
  const blurred = await Promise.all(sigmas.map((sigma) => blur(sharpOne, wide, sigma)));
  const rgb = new Uint8Array(area.width * area.height * 3);
  // The tissue rises too slowly for a step from cell to cell to be seen.
  for (let top = 0; top < area.height; top += cell)
    for (let left = 0; left < area.width; left += cell) {
      const sigma = sigmaAt(palette, area.left + left, area.top + top, height);
      const upper = Math.max(
        1,
        sigmas.findIndex((one) => one >= sigma),
      );
      const [low = 0, high = 1] = [sigmas[upper - 1], sigmas[upper]];
      const pair = {
        fine: blurred[upper - 1]!,
        coarse: blurred[upper]!,
        share: (sigma - low) / (high - low),
      };
      const columns = Math.min(cell, area.width - left);
      for (let y = top; y < Math.min(top + cell, area.height); y += 1)
        mix(pair, ((y + margin) * wide.width + left + margin) * 3, rgb, {
          at: (y * area.width + left) * 3,
          length: columns * 3,
        });
    }
  return { width: area.width, height: area.height, rgb };
}

/** How blurred a place is, px. */
function sigmaAt({ plan: { pxPerUm, seed } }: Palette, x: number, y: number, height: number): number {
  const scale = 1 / (relief.over * pxPerUm);
  const rise = noise(seed + 900, x * scale, y * scale) * relief.height;
  return Math.min(widest, Math.abs(height - rise) * spread * pxPerUm);
}

/** Two blurs of a picture, and how much of the coarser one is wanted. */
interface Blurs {
  readonly fine: Buffer;
  readonly coarse: Buffer;
  readonly share: number;
}

/** Writes a part of a row, mixed of two blurs. @param from where it begins in them */
function mix(
  { fine, coarse, share }: Blurs,
  from: number,
  rgb: Uint8Array,
  { at, length }: { readonly at: number; readonly length: number },
): void {
  for (let i = 0; i < length; i += 1) rgb[at + i] = fine[from + i]! * (1 - share) + coarse[from + i]! * share;
}

/** Interleaved RGB, blurred. */
async function blur(rgb: Buffer, { width, height }: Rect, sigma: number): Promise<Buffer> {
  if (sigma === 0) return rgb;
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .blur(sigma)
    .raw()
    .toBuffer();
}
