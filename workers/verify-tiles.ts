import sharp from 'sharp';
import { ServiceError } from '../src/core/errors.ts';
import { jpegSize, standaloneJpeg } from '../src/formats/tiff/jpeg.ts';
import type { DamageReason } from '../src/pyramid/checksums.ts';
import type { TileVerdict, VerifyTask } from '../src/pyramid/tasks.ts';
import { decoding, strict } from './native.ts';

const startOfImage = Buffer.from([0xff, 0xd8]);
const endOfImage = Buffer.from([0xff, 0xd9]);

/** Decodes each tile and says whether it is a whole picture of its level's tile size, in the order of the tiles. */
export async function verifyTiles({ bytes, levels, tiles }: VerifyTask): Promise<TileVerdict[]> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const verdicts: TileVerdict[] = [];
  for (const { level, at, length } of tiles) {
    const place = levels[level];
    if (place === undefined) throw new Error(`no level ${level}`);
    verdicts.push((await damageOf(all.subarray(at, at + length), place)) ?? 'whole');
  }
  return verdicts;
}

/** What is wrong with a tile. The cheap questions come first; only decoding finds what lies between the markers. */
async function damageOf(
  stored: Buffer,
  { prefix, tileSize }: VerifyTask['levels'][number],
): Promise<DamageReason | undefined> {
  if (!stored.subarray(0, 2).equals(startOfImage)) return 'not a JPEG';
  // Compressed pixels never hold this pair. What follows it is padding that decoders don't read.
  if (stored.lastIndexOf(endOfImage) === -1) return 'truncated';
  const jpeg = standaloneJpeg(prefix, stored);
  try {
    const { width, height } = jpegSize(jpeg);
    if (width !== tileSize.width || height !== tileSize.height) return 'wrong size';
    await decoding(
      'a tile',
      sharp(jpeg, { ...strict, ignoreIcc: true })
        .raw()
        .toBuffer(),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.kind === 'unsupported') return 'unreadable';
    return /premature end of JPEG/i.test(error.message) ? 'truncated' : 'corrupt';
  }
}
