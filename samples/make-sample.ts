import { rename, rm } from 'node:fs/promises';
import { ServiceError } from '../src/core/errors.ts';
import { halved, type Size } from '../src/core/geometry.ts';
import type { ReportProgress } from '../src/core/progress.ts';
import { TiffFileWriter, type WrittenImage } from '../src/pyramid/tiff-writer.ts';
import { aperioAssociated } from './aperio.ts';
import type { BlockSetup } from './block-worker.ts';
import { paintBlocks } from './blocks.ts';
import { encodingOf, halvingsInThreads, levelsOf, rowsPerStrip, type SampleLayout } from './layouts.ts';
import { asImage, emptyLevel, writeBlock, writeCoarse } from './level-file.ts';
import { place, type Pixels } from './levels.ts';
import { planSlide } from './plan.ts';

export { sampleLayouts, type SampleLayout } from './layouts.ts';

/** What to make. */
export interface SampleOptions {
  /** px; at least 16, at most 1,000,000 each. */
  readonly width: number;
  readonly height: number;
  /** Path of the file to make; replaced when it exists, and only when the new one is complete. */
  readonly out: string;
  readonly layout: SampleLayout;
  /** The same seed and options give the same bytes. */
  readonly seed: number;
  /** µm per pixel, 0.1–2; 0.25 unless told, as a 40× objective gives. */
  readonly mpp?: number;
  /** Edge of a tile, px, a multiple of 16; 256 unless told. */
  readonly tileSize?: number;
  /** JPEG quality, 1–100; 80 unless told. */
  readonly quality?: number;
  /** Counts pixels of slide level 0. */
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** Options with everything filled in. */
type Settings = Required<Omit<SampleOptions, 'onProgress' | 'signal'>> & { readonly size: Size };

/**
 * Makes a synthetic slide of tissue stained with haematoxylin and eosin: invented, but sensible at every
 * magnification. All of it follows from the seed.
 *
 * Two threads paint. Memory: some 320 MB for 100 megapixels, 420 MB for 1.5 gigapixels; 12 MB a gigapixel
 * are kept for the coarse levels. About 50 megapixels a second on two cores.
 *
 * @throws {ServiceError} `invalid` for options out of range
 */
export async function makeSample(options: SampleOptions): Promise<void> {
  const settings = checked(options);
  const part = `${options.out}.part`;
  const { size, layout } = settings;
  // JPEG takes under a byte a pixel; what is lossless, up to four.
  const isBig = size.width * size.height * (encodingOf(layout, 0, 0).compression === 'jpeg' ? 1 : 4) > 4e9;
  const file = await TiffFileWriter.create(part, isBig);
  try {
    await file.finish(await writeImages(settings, options, file));
    await file.close();
    await rename(part, options.out);
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
}

/** @throws {ServiceError} `invalid` unless so */
function need(isRight: boolean, what: string): void {
  if (!isRight) throw new ServiceError('invalid', `a sample needs ${what}`);
}

/** Whether a slide can be so wide or high. */
const isEdge = (edge: number): boolean => Number.isInteger(edge) && edge >= 16 && edge <= 1_000_000;

/** Refuses what can't be made. */
function checked(options: SampleOptions): Settings {
  const { width, height, mpp = 0.25, tileSize = 256, quality = 80 } = options;
  need(isEdge(width) && isEdge(height), `16 to 1,000,000 px a side, not ${width}×${height}`);
  need(mpp >= 0.1 && mpp <= 2, `0.1 to 2 µm per pixel, not ${mpp}`);
  need(
    Number.isInteger(tileSize / 16) && tileSize >= 16 && tileSize <= 1024,
    `a tile size of 16, 32 … 1024 px, not ${tileSize}`,
  );
  need(
    Number.isInteger(quality) && quality >= 1 && quality <= 89,
    `a JPEG quality of 1 to 89, not ${quality}`,
  );
  need(Number.isInteger(options.seed), `a whole number as seed, not ${options.seed}`);
  return { ...options, mpp, tileSize, quality, size: { width, height } };
}

/** Paints and writes every segment. @returns the directories, in the order of the layout */
async function writeImages(
  settings: Settings,
  options: SampleOptions,
  file: TiffFileWriter,
): Promise<WrittenImage[]> {
  const { layout, size, tileSize, quality } = settings;
  const encoding = encodingOf(layout, tileSize, quality);
  const levels = levelsOf(layout, size, tileSize).map((level) => emptyLevel(level, encoding.tileSize));
  const inThreads = levels.filter((level) => level.halvings <= halvingsInThreads);
  const coarse = levels.slice(inThreads.length);
  const wantsOverview = layout === 'svs' || layout === 'pyramid';
  const setup: BlockSetup = {
    plan: planSlide(settings.seed, size, settings.mpp),
    encoding,
    levels: inThreads.map(({ size, halvings }) => ({ size, halvings })),
    wantsOverview,
    rowsPerStrip,
  };
  const overview = wantsOverview ? emptyOverview(size) : undefined;
  await paintBlocks(setup, options, async (block, area) => {
    for (const [i, level] of inThreads.entries()) await writeBlock(file, level, block.levels[i]!, area);
    if (block.overview && overview)
      place(
        block.overview,
        overview,
        area.left >> (halvingsInThreads + 1),
        area.top >> (halvingsInThreads + 1),
      );
  });
  if (overview) await writeCoarse(settings, file, coarse, overview);
  const images = levels.map((level) => asImage(settings, level));
  if (layout !== 'svs' || !overview) return images;
  const { thumbnail, rest } = await aperioAssociated(settings, overview, file);
  return [images[0]!, thumbnail, ...images.slice(1), ...rest];
}

/** Room for the slide after the halvings of the threads and one more. */
function emptyOverview(size: Size): Pixels {
  let smaller = size;
  for (let i = 0; i <= halvingsInThreads; i++) smaller = halved(smaller);
  return { ...smaller, rgb: new Uint8Array(smaller.width * smaller.height * 3) };
}
