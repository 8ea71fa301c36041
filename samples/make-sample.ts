import { rename, rm } from 'node:fs/promises';
import { ServiceError } from '../src/core/errors.ts';
import { halved, type Rect, type Size } from '../src/core/geometry.ts';
import type { ReportProgress } from '../src/core/progress.ts';
import { TiffFileWriter, type WrittenImage } from '../src/pyramid/tiff-writer.ts';
import { aperioAssociated, type SampleFacts } from './aperio.ts';
import type { Block, BlockSetup } from './block-worker.ts';
import { Painters } from './blocks.ts';
import {
  encodingOf,
  halvingsInThreads,
  hasLevels,
  levelsOf,
  rowsPerStrip,
  stackLayouts,
  type SampleLayout,
} from './layouts.ts';
import { asImage, emptyLevel, writeBlock, writeCoarse } from './level-file.ts';
import { place, type Pixels } from './levels.ts';
import { omeImages } from './ome.ts';
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
  /** Planes of a focal stack, an odd number up to 31; 1 unless told. Layouts `svs` and `ome-tiff` only. */
  readonly planes?: number;
  /** From one plane to the next, µm; 1 unless told. */
  readonly planeStep?: number;
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
  const perPixel = encodingOf(layout, 0, 0).compression === 'jpeg' ? settings.planes : 4;
  const isBig = size.width * size.height * perPixel > 4e9;
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
  const { width, height, mpp = 0.25, tileSize = 256, quality = 80, planes = 1, planeStep = 1 } = options;
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
  need(planes % 2 === 1 && planes >= 1 && planes <= 31, `an odd number of planes up to 31, not ${planes}`);
  need(planeStep > 0 && planeStep <= 50, `up to 50 µm between planes, not ${planeStep}`);
  need(
    planes === 1 || stackLayouts.includes(options.layout),
    `the layout ${stackLayouts.join(' or ')} for a focal stack`,
  );
  return { ...options, mpp, tileSize, quality, planes, planeStep, size: { width, height } };
}

/** Paints and writes every segment. @returns the directories, in the order of the layout */
async function writeImages(
  settings: Settings,
  options: SampleOptions,
  file: TiffFileWriter,
): Promise<WrittenImage[]> {
  const { planes, planeStep, layout } = settings;
  // As scanners write them: the nominal focus first, then the others from below.
  const heights = Array.from({ length: planes }, (_, i) => (i - (planes - 1) / 2) * planeStep);
  const order = layout === 'svs' ? heights.toSorted((a, b) => Number(b === 0) - Number(a === 0)) : heights;
  await using painters = new Painters(setupOf(settings));
  const written: WrittenImage[][] = [];
  let rest: readonly WrittenImage[] = [];
  for (const [i, height] of order.entries()) {
    const facts: Facts = { ...settings, ...(planes > 1 && { offsetZ: height }) };
    const { images, overview } = await writePlane(facts, file, (take) =>
      painters.paint(facts.offsetZ, partOf(options, i, planes), take),
    );
    written.push(images);
    if (i > 0 || layout !== 'svs' || overview === undefined) continue;
    const associated = await aperioAssociated(facts, overview, file);
    images.splice(1, 0, associated.thumbnail);
    ({ rest } = associated);
  }
  return layout === 'ome-tiff' ? omeImages(settings, written) : [...written.flat(), ...rest];
}

/** Settings, and where the one plane lies that is written. */
type Facts = Settings & Pick<SampleFacts, 'offsetZ'>;

/** What the painting threads are told. */
function setupOf({ layout, size, tileSize, quality, seed, mpp }: Settings): BlockSetup {
  return {
    plan: planSlide(seed, size, mpp),
    encoding: encodingOf(layout, tileSize, quality),
    levels: levelsOf(layout, size, tileSize).filter(({ halvings }) => halvings <= halvingsInThreads),
    wantsOverview: hasLevels(layout),
    rowsPerStrip,
  };
}

/** Writes one focal plane. @returns its levels, fine to coarse, and what remains of it in memory */
async function writePlane(
  facts: Facts,
  file: TiffFileWriter,
  paint: (take: (block: Block, area: Rect) => Promise<void>) => Promise<void>,
): Promise<{ readonly images: WrittenImage[]; readonly overview: Pixels | undefined }> {
  const { layout, size, tileSize, quality } = facts;
  const encoding = encodingOf(layout, tileSize, quality);
  const levels = levelsOf(layout, size, tileSize).map((level) => emptyLevel(level, encoding.tileSize));
  const inThreads = levels.filter((level) => level.halvings <= halvingsInThreads);
  const coarse = levels.slice(inThreads.length);
  const overview = hasLevels(layout) ? emptyOverview(size) : undefined;
  await paint(async (block, area) => {
    for (const [i, level] of inThreads.entries()) await writeBlock(file, level, block.levels[i]!, area);
    if (block.overview && overview)
      place(
        block.overview,
        overview,
        area.left >> (halvingsInThreads + 1),
        area.top >> (halvingsInThreads + 1),
      );
  });
  if (overview) await writeCoarse(facts, file, coarse, overview);
  return { images: levels.map((level) => asImage(facts, level)), overview };
}

/** Progress of one of several passes as a part of all. */
function partOf({ onProgress, signal }: SampleOptions, i: number, count: number) {
  const report: ReportProgress = (done, total) => onProgress?.((i * total + done) / count, total);
  return { onProgress: report, ...(signal && { signal }) };
}

/** Room for the slide after the halvings of the threads and one more. */
function emptyOverview(size: Size): Pixels {
  let smaller = size;
  for (let i = 0; i <= halvingsInThreads; i++) smaller = halved(smaller);
  return { ...smaller, rgb: new Uint8Array(smaller.width * smaller.height * 3) };
}
