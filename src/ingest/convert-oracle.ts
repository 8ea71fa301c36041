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

/** A picture as the `vips` command decodes it: 8-bit RGB, transparency on white. */
export async function vipsPixels(picture: string): Promise<Size & { readonly pixels: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-oracle-'));
  const [rgb, flat, bytes, raw] = ['rgb.v', 'flat.v', 'bytes.v', 'raw'].map((name) => join(folder, name));
  try {
    await tool('vips', 'colourspace', picture, rgb!, 'srgb'); // map gives four names
    const bands = Number(await tool('vipsheader', '-f', 'bands', rgb!)); // as above
    if (bands === 4) await tool('vips', 'flatten', rgb!, flat!, '--background', '255 255 255'); // as above
    await tool('vips', 'cast', bands === 4 ? flat! : rgb!, bytes!, 'uchar'); // as above
    await tool('vips', 'rawsave', bytes!, raw!); // as above
    const [width, height] = await Promise.all(
      ['width', 'height'].map(async (field) => Number(await tool('vipsheader', '-f', field, bytes!))), // as above
    );
    return { width: width!, height: height!, pixels: await readFile(raw!) }; // as above
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
