import type { Rgb } from '../src/core/slide.ts';

/** Colour of the empty glass as the scanner sees it. */
export const glass: Rgb = [243, 242, 244];

/** Optical density of red, green and blue per unit of stain (Macenko et al. 2009, typical vectors). */
const haematoxylin: Rgb = [0.62, 0.72, 0.36];
const eosin: Rgb = [0.12, 0.76, 0.44];
/** Dense eosin turns from pink to brick red, as red cells do. */
const denseEosin: Rgb = [0.16, 0.78, 0.72];

/** Stain at a plane's value 255. */
const mostHaematoxylin = 1.5;
const mostEosin = 1.05;

/**
 * Colour for each pair of stain amounts, by Beer-Lambert: entry `haematoxylin << 8 | eosin` is `b << 16 | g << 8 | r`.
 */
export function stainTable(): Uint32Array {
  const table = new Uint32Array(65_536);
  for (let h = 0; h < 256; h++)
    for (let e = 0; e < 256; e++) {
      const dense = Math.max(0, (e - 130) / 125);
      const channel = (i: 0 | 1 | 2): number => {
        const eosinDensity = eosin[i] * (1 - dense) + denseEosin[i] * dense;
        const density = (h / 255) * mostHaematoxylin * haematoxylin[i] + (e / 255) * mostEosin * eosinDensity;
        return Math.round(glass[i] * 10 ** -density);
      };
      table[(h << 8) | e] = channel(0) | (channel(1) << 8) | (channel(2) << 16);
    }
  return table;
}

/** Colours two stain planes into interleaved RGB. */
export function colour(
  table: Uint32Array,
  haematoxylinPlane: Uint8Array,
  eosinPlane: Uint8Array,
  rgb: Uint8Array,
): void {
  for (let i = 0, p = 0; i < haematoxylinPlane.length; i++, p += 3) {
    const c = table[(haematoxylinPlane[i]! << 8) | eosinPlane[i]!]!;
    rgb[p] = c;
    rgb[p + 1] = c >> 8;
    rgb[p + 2] = c >> 16;
  }
}
