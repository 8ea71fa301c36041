import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { isCapsule } from '../cases/capsule/verify-capsule.ts';
import { isReport } from '../cases/opinions/report-seal.ts';
import { ServiceError } from '../core/errors.ts';
import { original } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import type { ConversionPool } from '../ingest/conversion-pool.ts';
import { startDecoderPool } from '../ingest/decoder-pool.ts';
import { makeSlidePyramid } from '../ingest/make-slide-pyramid.ts';
import { asShown, planFor } from '../ingest/plan.ts';
import { verifyTiles } from '../ingest/verify.ts';
import { buildIndex } from '../pyramid/build-index.ts';
import { levelPlaces } from '../pyramid/focal-stack.ts';
import type { VerificationReport } from '../pyramid/checksums.ts';
import { openFileSource } from '../storage/sources.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { readArguments } from './arguments.ts';
import { showProgress } from './progress-bar.ts';
import { verifyCapsuleFile } from './verify-capsule.ts';
import { verifyReportFile } from './verify-signed.ts';

/**
 * `telepath verify FILE`: decodes every tile of a slide file and names the damaged ones, or checks the signatures of a
 * report or case capsule; nothing is changed.
 */
export async function verify(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { key: { type: 'string' } });
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0)
    throw new ServiceError(
      'invalid',
      'verify: name one slide, report or case capsule, e.g. telepath verify slide.svs',
    );
  await using source = await openFileSource(resolve(path));
  if (await isCapsule(source)) return await verifyCapsuleFile(source, values.key);
  if (isReport(await source.read(0, Math.min(1024, source.size))))
    return await verifyReportFile(resolve(path), values.key);
  if (values.key !== undefined)
    throw new ServiceError('invalid', `--key: ${basename(path)} is no report and no case capsule`);
  await verifySlide(path, source);
}

async function verifySlide(path: string, source: ByteSource): Promise<void> {
  const slide = asShown(await parseSlide(source));
  const progress = showProgress(`checking ${basename(path)}`);
  const pool = await startDecoderPool({ threads: 2 });
  let report: VerificationReport | undefined;
  try {
    const file = { path: resolve(path), source, slide, pool, onProgress: progress.report };
    report = planFor(slide).kind === 'convert' ? await decodeAll(file) : await checkTiles(file);
  } finally {
    progress.stop();
    await pool.close();
  }
  say(basename(path), slide, report);
}

/** A slide file under test. */
interface SlideFile {
  readonly path: string;
  readonly source: ByteSource;
  readonly slide: ParsedSlide;
  readonly pool: ConversionPool;
  readonly onProgress: ReportProgress;
}

/** Checks each tile of a slide whose tiles are JPEGs. */
async function checkTiles({ source, slide, pool, onProgress }: SlideFile): Promise<VerificationReport> {
  const index = buildIndex(slide, [{ name: original, size: source.size }]);
  return (await verifyTiles({ index, objects: [source], pool, onProgress })).report;
}

/** Decodes all pixels of any other slide, by converting it; the result is thrown away. @throws {ServiceError} */
async function decodeAll({ path, source, slide, pool, onProgress }: SlideFile): Promise<undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-verify-'));
  try {
    await makeSlidePyramid({
      slide,
      source: { kind: 'file', path, name: source.name },
      sourceBytes: source.size,
      pool,
      quality: 75,
      workFolder: folder,
      onProgress,
      signal: new AbortController().signal,
    });
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prints what was found. @throws {ServiceError} `damaged` when any tile is */
function say(name: string, slide: ParsedSlide, report: VerificationReport | undefined): void {
  if (report === undefined) {
    process.stdout.write(`${name}: all its pixels can be decoded\n`);
    return;
  }
  const { checked, damagedTotal, damaged } = report;
  if (damagedTotal === 0) {
    process.stdout.write(`${name}: all ${checked} tiles are whole\n`);
    return;
  }
  const levels = levelPlaces(buildIndex(slide, []));
  for (const { level: at, column, row, reason } of damaged) {
    const { level = at, plane } = levels[at] ?? {};
    const where = plane === undefined ? '' : `focal plane ${plane}, `;
    process.stdout.write(
      `${where}slide level ${level}, column ${column}, row ${row}${powerText(slide, level)}: ${reason}\n`,
    );
  }
  const more = damagedTotal - damaged.length;
  if (more > 0) process.stdout.write(`and ${more} more\n`);
  throw new ServiceError(
    'damaged',
    `${name}: ${damagedTotal} of ${checked} tiles are damaged; scan or copy the slide again`,
  );
}

/** The magnification at which a level is seen, e.g. ` at 10×`; nothing where the file does not tell. */
function powerText({ properties, levels }: ParsedSlide, level: number): string {
  const { objectivePower } = properties;
  const downsample = levels[level]?.downsample;
  if (objectivePower === undefined || downsample === undefined) return '';
  return ` at ${Number((objectivePower / downsample).toFixed(2))}×`;
}
