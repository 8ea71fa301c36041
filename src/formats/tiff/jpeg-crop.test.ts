import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../test-source.ts';
import { jpegSize } from './jpeg.ts';
import { cropJpeg } from './jpeg-crop.ts';

const size = { width: 240, height: 256 };

/** A picture of soft shapes and of noise, so that every kind of code occurs. */
function pixelsOf(channels: 1 | 3): Buffer {
  const pixels = Buffer.alloc(size.width * size.height * channels);
  let random = 7;
  for (let i = 0; i < pixels.length; i += 1) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    const [x, y] = [Math.floor(i / channels) % size.width, Math.floor(i / channels / size.width)];
    const noise = y < 90 ? (random >>> 24) / 3 : 0;
    pixels[i] = Math.min(255, 100 + 90 * Math.sin((x + 20 * (i % channels)) / 17) * Math.cos(y / 23) + noise);
  }
  return pixels;
}

const picture = (channels: 1 | 3 = 3) => sharp(pixelsOf(channels), { raw: { ...size, channels } });

/** Pixels by libvips, without smoothing of the colours between samples. */
async function decoded(jpeg: Buffer, part: { readonly width: number; readonly height: number }) {
  const whole = sharp(jpeg, { failOn: 'warning' });
  const { data, info } = await whole
    .extract({ left: 0, top: 0, ...part })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, info };
}

const kinds: readonly (readonly [name: string, jpeg: Promise<Buffer>])[] = [
  ['4:4:4', picture().jpeg({ chromaSubsampling: '4:4:4', quality: 90 }).toBuffer()],
  ['4:2:0', picture().jpeg({ chromaSubsampling: '4:2:0', quality: 75 }).toBuffer()],
  [
    '4:2:0 with tables of its own',
    picture().jpeg({ quality: 60, optimiseCoding: true, mozjpeg: false }).toBuffer(),
  ],
  ['grey', picture(1).toColourspace('b-w').jpeg().toBuffer()],
  ['best quality', picture().jpeg({ chromaSubsampling: '4:4:4', quality: 100 }).toBuffer()],
];

describe('cropJpeg', () => {
  describe.each(kinds)('%s', (_name, made) => {
    it.each([
      [240, 256],
      [239, 255],
      [17, 256],
      [240, 9],
      [16, 16],
      [1, 1],
      [129, 130],
    ])('keeps the pixels of %i × %i px, but for the last column and row', async (width, height) => {
      const jpeg = await made;
      const cropped = cropJpeg(jpeg, { width, height });
      expect(cropped).toBeDefined();
      expect(jpegSize(cropped!)).toEqual({ width, height });
      const ours = await decoded(cropped!, { width, height });
      const truth = await decoded(jpeg, { width, height });
      expect(ours.info).toEqual(truth.info);
      const { channels } = ours.info;
      const isLast = (i: number) => {
        const pixel = Math.floor(i / channels);
        return pixel % width === width - 1 || pixel >= width * (height - 1);
      };
      const differing = ours.data.reduce((sum, v, i) => sum + (v !== truth.data[i] && !isLast(i) ? 1 : 0), 0);
      expect(differing).toBe(0);
      expect(cropped!.length).toBeLessThanOrEqual(jpeg.length + 100);
    });
  });

  it('gives back the same bits when nothing is left out', async () => {
    const jpeg = await kinds[1]![1];
    expect(cropJpeg(jpeg, size)?.equals(jpeg)).toBe(true);
  });

  it('leaves to a decoder what it does not do', async () => {
    const part = { width: 20, height: 20 };
    expect(cropJpeg(await picture().jpeg({ progressive: true }).toBuffer(), part)).toBeUndefined();
    const jpeg = await kinds[0]![1];
    expect(cropJpeg(jpeg, { width: 241, height: 20 })).toBeUndefined();
    const restarts = Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from([0xff, 0xdd, 0, 4, 0, 8]),
      jpeg.subarray(2),
    ]);
    expect(cropJpeg(restarts, part)).toBeUndefined();
    expect(cropJpeg(jpeg.subarray(0, jpeg.length >> 1), size)).toBeUndefined();
  });

  it('ends, without another error than ours, whatever bytes are changed', async () => {
    const jpeg = await kinds[1]![1];
    let random = 1;
    const next = (below: number) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    for (let i = 0; i < 2000; i += 1) {
      const changed = Buffer.from(jpeg);
      for (let n = 0; n < 3; n += 1) changed[next(i % 2 === 0 ? 700 : jpeg.length)] = next(256);
      try {
        cropJpeg(changed, { width: 100, height: 100 });
      } catch (error) {
        expect(error).toMatchObject({ name: 'ServiceError', kind: 'damaged' });
      }
    }
  });

  it('takes under a millisecond for 10 kB', async () => {
    const jpeg = await kinds[1]![1];
    const total = await cpuMs(() => {
      for (let i = 0; i < 200; i += 1) cropJpeg(jpeg, { width: 100, height: 256 });
    });
    expect(total / 200 / (jpeg.length / 10_000)).toBeLessThan(1);
  });
});
