import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { ParsedFocus, ParsedLevel, ParsedPlane } from './format.ts';
import { type Candidate, checkTileTotal, pyramidOf, readLevels } from './levels.ts';
import { limits } from './tiff/limits.ts';

/** Where one focal plane of a file lies. */
export interface PlaneCandidates {
  /** For messages: `the focal plane at OffsetZ 1.5`. */
  readonly name: string;
  /** µm, counted from wherever the file counts; absent where it does not say. */
  readonly height?: number;
  /** Its directories; the first is its level 0. */
  readonly candidates: readonly Candidate[];
}

/** The levels of a slide, and its other focal planes where it has any. */
export interface PlaneLevels {
  readonly levels: readonly ParsedLevel[];
  readonly focus?: ParsedFocus;
}

/**
 * Reads all focal planes of a slide, which must be alike but for their pixels: what is drawn on one, and how far one
 * has zoomed in, holds for all of them.
 *
 * @param planes by height, the least first
 * @param base place of the plane that is shown first
 * @throws {ServiceError} `too-large`, `damaged`, `unsupported`
 */
export async function readFocalPlanes(
  planes: readonly PlaneCandidates[],
  base: number,
): Promise<PlaneLevels> {
  checkPlaneCount(planes.length, planes[0]?.candidates[0]?.context.file.source.name ?? '');
  const pyramids = planes.map(({ candidates }) => pyramidOf(candidates));
  checkTileTotal(pyramids.flat());
  const [plane, pyramid] = [planes[base], pyramids[base]];
  if (plane === undefined || pyramid === undefined) throw new Error(`no focal plane ${base}`);
  const levels = await readLevels(pyramid);
  if (planes.length === 1) return { levels };
  const others: ParsedPlane[] = [];
  for (const [number, other] of planes.entries()) {
    if (number === base) continue;
    const own = await readLevels(pyramids[number] ?? []);
    checkAlike(other, own, levels);
    const isMeasured = other.height !== undefined && plane.height !== undefined;
    // Heights are decimal fractions: their difference is rounded to a nanometre, as no objective is finer.
    const offset = isMeasured ? Math.round((other.height - plane.height) * 1000) / 1000 : undefined;
    others.push({ levels: own, ...(offset !== undefined && { offset }) });
  }
  checkSharing(plane, [levels, ...others.map((one) => one.levels)].flat());
  return { levels, focus: { base, others } };
}

/** @throws {ServiceError} `too-large` for more focal planes than are read */
export function checkPlaneCount(count: number, name: string): void {
  if (count <= limits.focalPlanes) return;
  throw new ServiceError(
    'too-large',
    `${name}: ${count} focal planes, the limit is ${limits.focalPlanes}; export the slide with fewer`,
  );
}

/** Refuses a plane that is not cut as the base plane is. */
function checkAlike(
  { name, candidates }: PlaneCandidates,
  own: readonly ParsedLevel[],
  base: readonly ParsedLevel[],
): void {
  const source = candidates[0]?.context.file.source.name ?? '';
  const [is, should] = [own, base].map((levels) => levels.map(shapeOf).join(', '));
  if (is !== should)
    throw new ServiceError(
      'damaged',
      `${source}: ${name} has the levels ${is}, the base plane ${should}; scan or export the slide again`,
    );
}

function spelled({ width, height }: Size): string {
  return `${width}×${height}`;
}

/** E.g. `2220×2967 px in 240×240`. */
function shapeOf({ size, image }: ParsedLevel): string {
  return `${spelled(size)} px in ${image.isTiled ? spelled(image.segmentSize) : 'strips'}`;
}

/** Refuses planes that together point far more often at the same bytes than honest writers do. */
function checkSharing({ candidates }: PlaneCandidates, levels: readonly ParsedLevel[]): void {
  const source = candidates[0]?.context.file.source;
  if (source === undefined) return;
  const total = levels.reduce((sum, { image }) => sum + image.lengths.reduce((a, b) => a + b, 0), 0);
  if (total > limits.sharedBytes(source.size))
    throw new ServiceError(
      'too-large',
      `${source.name}: focal planes of ${total} bytes in a file of ${source.size}: too many tiles share the same bytes; write the file again without sharing`,
    );
}
