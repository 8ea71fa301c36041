import type { TiffRecipe } from '../formats/format.ts';

/** First value of a field of a recipe. @returns undefined when the recipe has no such field */
export function fieldOf({ fields }: Pick<TiffRecipe, 'fields'>, code: number): number | undefined {
  return fields.find((field) => field.code === code)?.values[0];
}

/** Bytes of one row of a segment once decompressed, in one plane; chroma subsampling not considered. */
export function rowBytes(recipe: TiffRecipe): number {
  const bits = fieldOf(recipe, 258) ?? 1;
  const samples = recipe.planes > 1 ? 1 : (fieldOf(recipe, 277) ?? 1);
  return Math.ceil((recipe.segmentSize.width * samples * bits) / 8);
}

/** Bytes of one whole segment once decompressed. */
export function segmentBytes(recipe: TiffRecipe): number {
  return rowBytes(recipe) * recipe.segmentSize.height;
}

/**
 * The same uncompressed strips, cut into lower ones by arithmetic, so that a part of an image can be read without
 * the rest of a giant strip. Compressed and tiled images come back as they are.
 *
 * @param maxRows rows of a strip, at most
 */
export function withLowStrips(recipe: TiffRecipe, maxRows: number): TiffRecipe {
  const { size, segmentSize, isTiled, planes } = recipe;
  const isPlain = fieldOf(recipe, 259) === 1 && fieldOf(recipe, 262) !== 6;
  if (isTiled || !isPlain || segmentSize.height <= maxRows) return recipe;
  const strips = Math.ceil(size.height / segmentSize.height);
  const bytes = rowBytes(recipe);
  const offsets: number[] = [];
  const lengths: number[] = [];
  // The new strips must start where every old one does, or a strip would lie in two places.
  const rows = strips === 1 ? maxRows : greatestDivisor(segmentSize.height, maxRows);
  for (let plane = 0; plane < planes; plane++)
    for (let top = 0; top < size.height; top += rows) {
      const old = plane * strips + Math.floor(top / segmentSize.height);
      const within = (top % segmentSize.height) * bytes;
      const isStored = (recipe.lengths[old] ?? 0) > 0;
      offsets.push(isStored ? (recipe.offsets[old] ?? 0) + within : 0);
      lengths.push(isStored ? Math.min(rows, size.height - top) * bytes : 0);
    }
  return { ...recipe, segmentSize: { width: segmentSize.width, height: rows }, offsets, lengths };
}

/** The greatest divisor of `n` that is at most `limit`. */
function greatestDivisor(n: number, limit: number): number {
  let divisor = Math.min(n, limit);
  while (n % divisor !== 0) divisor -= 1;
  return divisor;
}
