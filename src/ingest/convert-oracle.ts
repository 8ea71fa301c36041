import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Size } from '../core/geometry.ts';

const run = promisify(execFile);

/** The shared test slides: real and damaged files that are no part of this project. */
export const slides: string = resolve(process.env['TEST_SLIDES'] ?? '../shared/slides');

/** Runs a tool that judges what is tested. @returns what it wrote to standard output */
export async function tool(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(name, args, { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** The head of a file in libvips' own format, bytes; pixels follow. */
const headBytes = 64;

/** A picture as the `vips` command decodes it: 8-bit RGB, transparency on white. */
export async function vipsPixels(picture: string): Promise<Size & { readonly pixels: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-oracle-'));
  const [rgb, flat, bytes] = ['rgb.v', 'flat.v', 'bytes.v'].map((name) => join(folder, name));
  try {
    await tool('vips', 'colourspace', picture, rgb!, 'srgb'); // map gives three names
    let file = await readFile(rgb!); // as above
    if (file.readInt32LE(12) === 4) {
      await tool('vips', 'flatten', rgb!, flat!, '--background', '255 255 255'); // as above
      await tool('vips', 'cast', flat!, bytes!, 'uchar'); // as above
      file = await readFile(bytes!); // as above
    }
    const [width, height, bands, format] = [4, 8, 12, 20].map((at) => file.readInt32LE(at));
    // 0 stands for bytes.
    if (bands !== 3 || format !== 0) throw new Error(`${picture}: ${bands} bands of format ${format}`);
    const pixels = file.subarray(headBytes, headBytes + width! * height! * 3); // map gives four numbers
    return { width: width!, height: height!, pixels }; // as above
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Mean absolute difference of samples of two pictures of one size. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples against ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!); // i is within both
  return sum / a.length;
}
