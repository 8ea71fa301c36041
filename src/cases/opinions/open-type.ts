/** Which characters a font has letters for. */
export interface Letters {
  has(codePoint: number): boolean;
}

/**
 * Reads the character map (`cmap`, format 4) of a TrueType font that comes with this program.
 *
 * @throws {Error} for a font without one
 * @see OpenType specification, "cmap"
 */
export function openType(font: Buffer): Letters {
  const map = font.subarray(tableAt(font, 'cmap'));
  const count = map.readUInt16BE(2);
  for (let i = 0; i < count; i++) {
    const at = map.readUInt32BE(4 + i * 8 + 4);
    if (map.readUInt16BE(at) === 4) {
      const found = charactersOf(map.subarray(at));
      return { has: (codePoint) => found.has(codePoint) };
    }
  }
  throw new Error('the font has no character map of format 4');
}

function tableAt(font: Buffer, tag: string): number {
  const count = font.readUInt16BE(4);
  for (let i = 0; i < count; i++)
    if (font.toString('latin1', 12 + i * 16, 16 + i * 16) === tag) return font.readUInt32BE(12 + i * 16 + 8);
  throw new Error(`the font has no table ${tag}`);
}

/** All code points whose glyph is not 0, the picture of a missing one. */
function charactersOf(table: Buffer): ReadonlySet<number> {
  const segments = table.readUInt16BE(6) / 2;
  const word = (part: number, i: number) =>
    table.readUInt16BE(14 + i * 2 + part * segments * 2 + (part > 0 ? 2 : 0));
  const found = new Set<number>();
  for (let i = 0; i < segments; i++) {
    const [end, start, delta, offset] = [word(0, i), word(1, i), word(2, i), word(3, i)];
    const offsetAt = 16 + segments * 6 + i * 2;
    for (let code = start; code <= end && code !== 0xffff; code++) {
      const stored = offset === 0 ? code : table.readUInt16BE(offsetAt + offset + (code - start) * 2);
      if (stored !== 0 && ((stored + delta) & 0xffff) !== 0) found.add(code);
    }
  }
  return found;
}
