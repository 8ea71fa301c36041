import { tiffEncoding, unsigned } from './tiff/reader.ts';
import { tags } from './tiff/tags.ts';

/**
 * The orientation in the payload of an APP1 segment.
 *
 * @returns 1–8; undefined when the segment is not EXIF or says nothing valid
 * @see CIPA DC-008 (Exif), 4.6.4
 */
export function exifOrientation(payload: Buffer): number | undefined {
  if (payload.toString('latin1', 0, 6) !== 'Exif\0\0') return undefined;
  const bytes = payload.subarray(6);
  const encoding = tiffEncoding(bytes);
  if (encoding === undefined || encoding.isBig) return undefined;
  const number = (at: number, width: number): number => unsigned(bytes, at, width, encoding.isLittleEndian);
  const at = number(4, 4);
  if (at + 2 > bytes.length) return undefined;
  const count = number(at, 2);
  for (let p = at + 2; p + 12 <= Math.min(bytes.length, at + 2 + count * 12); p += 12) {
    if (number(p, 2) !== tags.Orientation || number(p + 2, 2) !== 3) continue;
    const value = number(p + 8, 2);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
