import { hash, noise, smoothstep } from './noise.ts';

/** Edge of every texture, px; a power of two, so coordinates wrap by masking. Textures repeat without a seam. */
export const textureSize = 1024;

/** Pre-rendered grey patterns, row-major, one byte a pixel. */
export interface Textures {
  /** Collagen: wavy strands along x; 128 on average, low in the clefts between strands. */
  readonly fibre: Uint8Array;
  /** Granular cytoplasm; 128 on average. */
  readonly grain: Uint8Array;
  /** Fat: 255 in the septa between adipocytes, 0 in their empty bodies. */
  readonly fat: Uint8Array;
}

/** Fills a texture from a function of the pixel. */
function render(value: (x: number, y: number) => number): Uint8Array {
  const out = new Uint8Array(textureSize * textureSize);
  for (let y = 0, i = 0; y < textureSize; y++)
    for (let x = 0; x < textureSize; x++, i++) out[i] = Math.max(0, Math.min(255, value(x, y)));
  return out;
}

/** Noise on a lattice of `columns` × `rows` cells over the texture; it repeats with the texture. */
function tiled(seed: number, x: number, y: number, columns: number, rows: number): number {
  return noise(seed, (x / textureSize) * columns, (y / textureSize) * rows, columns, rows);
}

/** Strands: quick change across, slow change along, bent by waves that fit the texture. */
function fibreTexture(seed: number): Uint8Array {
  const turn = (2 * Math.PI) / textureSize;
  return render((x, y) => {
    const across = y + 9 * Math.sin(turn * (4 * x + y)) + 5 * Math.sin(turn * (9 * x - 2 * y) + 1);
    const strand = tiled(seed, x, across, 8, 64);
    const fine = tiled(seed + 1, x, across, 16, 256);
    const cleft = smoothstep(0.3, 0.62, tiled(seed + 2, x, across, 8, 32));
    const speckle = (hash(seed + 3, x >> 1, y >> 1) & 0xff) / 128 - 1;
    return (140 + 46 * strand + 26 * fine + 5 * speckle) * (1 - 0.85 * cleft);
  });
}

/** Grains of two sizes. */
function grainTexture(seed: number): Uint8Array {
  return render((x, y) => 128 + 26 * tiled(seed, x, y, 64, 64) + 22 * tiled(seed + 1, x, y, 256, 256));
}

/** Sites of a jittered grid of `cells` × `cells` that wraps around, and one more row and column on each side. */
function jitteredSites(seed: number, cells: number): Float64Array {
  const pitch = textureSize / cells;
  const sites = new Float64Array((cells + 2) ** 2 * 2);
  for (let row = -1, i = 0; row <= cells; row++)
    for (let column = -1; column <= cells; column++) {
      const h = hash(seed, (column + cells) % cells, (row + cells) % cells);
      sites[i++] = (column + 0.15 + (0.7 * (h & 0xffff)) / 0xffff) * pitch;
      sites[i++] = (row + 0.15 + (0.7 * (h >>> 16)) / 0xffff) * pitch;
    }
  return sites;
}

/** Walls between the cells of a Voronoi diagram that wraps around. */
function fatTexture(seed: number, wallPx: number, cells: number): Uint8Array {
  const pitch = textureSize / cells;
  const sites = jitteredSites(seed, cells);
  return render((x, y) => {
    const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)];
    let [nearest, second, third] = [Infinity, Infinity, Infinity];
    for (let r = row; r <= row + 2; r++)
      for (let i = (r * (cells + 2) + column) * 2, last = i + 6; i < last; i += 2) {
        const distance = (sites[i]! - x) ** 2 + (sites[i + 1]! - y) ** 2;
        if (distance < nearest) {
          third = second;
          second = nearest;
          nearest = distance;
        } else if (distance < second) {
          third = second;
          second = distance;
        } else if (distance < third) third = distance;
      }
    const toWall = (Math.sqrt(second) - Math.sqrt(nearest)) / 2;
    const toCorner = (Math.sqrt(third) - Math.sqrt(nearest)) / 2;
    // Corners are rounded: the farther wall pulls a little too.
    const fromWall = 1 / (1 / Math.max(toWall, 0.01) + 0.45 / Math.max(toCorner, 0.01));
    return 255 * (1 - smoothstep(wallPx * 0.6, wallPx * 1.4, fromWall));
  });
}

/**
 * Renders all textures; about 0.2 s.
 *
 * @param pxPerUm resolution of the slide they are for
 */
export function makeTextures(seed: number, pxPerUm: number): Textures {
  const cells = Math.max(4, Math.round(textureSize / (62 * pxPerUm)));
  return {
    fibre: fibreTexture(seed),
    grain: grainTexture(seed + 10),
    fat: fatTexture(seed + 20, 1.1 * pxPerUm, cells),
  };
}
