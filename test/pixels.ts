import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sharp from 'sharp';

const run = promisify(execFile);

/** Runs a program of this machine and gives what it prints. */
export async function runTool(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** 8-bit interleaved RGB pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Buffer;
}

/** Decodes a picture file, alpha on white. */
export async function decode(file: string | Buffer): Promise<Pixels> {
  const { data, info } = await sharp(file, { limitInputPixels: false })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`);
  return { width: info.width, height: info.height, rgb: data };
}

/** Sum of absolute differences and the number of samples it is over. @throws when the sizes differ */
export function difference(a: Pixels, b: Pixels): { sum: number; samples: number } {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`${a.width}×${a.height} px compared with ${b.width}×${b.height} px`);
  let sum = 0;
  for (let i = 0; i < a.rgb.length; i += 1) sum += Math.abs((a.rgb[i] ?? 0) - (b.rgb[i] ?? 0));
  return { sum, samples: a.rgb.length };
}

/** Mean absolute difference of 255. */
export function meanDifference(a: Pixels, b: Pixels): number {
  const { sum, samples } = difference(a, b);
  return sum / samples;
}
