import { readFile } from 'node:fs/promises';
import { assert, integer, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, newRaster, type Raster } from '../src/pyramid/box-shrink.ts';
import { hashOfKernels } from './kernels-hash.ts';
import { kernelsHash } from './kernels-wasm.ts';
import { beginTask, halveHere, take, taskRaster } from './task-memory.ts';

/** Fills a raster with bytes that follow from a seed. */
function noise(raster: Raster, seed: number): Raster {
  for (let i = 0; i < raster.pixels.length; i++) raster.pixels[i] = Math.imul(i + seed, 2_654_435_761) >>> 24;
  return raster;
}

describe('kernels', () => {
  it('were made of the kernels.as that is here', async () => {
    const source = await readFile(new URL('kernels.as', import.meta.url), 'utf8');
    expect(kernelsHash, 'run node workers/build-kernels.ts').toBe(hashOfKernels(source));
  });
});

describe('halveHere', () => {
  it('gives what halve gives, for pixels in the memory and outside of it', () => {
    const side = integer({ min: 1, max: 70 });
    assert(
      property(side, side, integer({ min: 1, max: 32 }), nat(), (width, height, align, seed) => {
        beginTask(100_000);
        const outside = noise(newRaster({ width, height }, align), seed);
        const inside = noise(taskRaster({ width, height }, align), seed);
        const expected = halve(outside, align);
        for (const source of [inside, outside]) {
          const half = halveHere(source, align);
          expect({ ...half, pixels: 0 }).toEqual({ ...expected, pixels: 0 });
          expect(Buffer.compare(half.pixels, expected.pixels)).toBe(0);
        }
      }),
    );
  });

  it('leaves the pixels it reads as they are', () => {
    beginTask(1_000_000);
    const source = noise(taskRaster({ width: 301, height: 200 }, 16), 7);
    const before = Buffer.from(source.pixels);
    halveHere(source, 16);
    expect(Buffer.compare(source.pixels, before)).toBe(0);
  });
});

describe('take', () => {
  it('gives places that do not touch, and none that is not there', () => {
    beginTask(1000);
    const [a, b] = [take(400), take(400)];
    expect(b!.address).toBeGreaterThanOrEqual(a!.address + 400 + 16); // room for both
    expect(take(2 ** 30)).toBeUndefined();
  });

  it('allocates a raster elsewhere when it is too large for the memory', () => {
    beginTask(2 ** 31);
    expect(taskRaster({ width: 10_000, height: 10_000 }, 256).pixels).toHaveLength(10_240 * 10_240 * 3);
  });
});
