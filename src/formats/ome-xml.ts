import { isPlausibleMpp } from '../core/slide.ts';
import type { AssociatedImage } from './format.ts';
import { parseDecimal, plausiblePower } from './resolution.ts';
import { limits } from './tiff/limits.ts';
import { xmlTokens } from './xml.ts';

/** What is wanted of one `Image` of an OME-XML. */
export interface OmeImage {
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  readonly sizeC: number;
  readonly sizeT: number;
  /** µm per pixel. */
  readonly x?: number;
  readonly y?: number;
  readonly objectivePower?: number;
  /** Which directory holds its first plane. */
  readonly ifd: number;
  /** µm from one focal plane to the next. */
  readonly z?: number;
  /**
   * Which directory holds which focal plane, as its TiffData say; nothing of it is checked, but it is hardly longer
   * than there are planes. Empty where there are more than are read.
   */
  readonly planes: readonly OmePlane[];
  /** Names of files that its planes are said to lie in. */
  readonly files: ReadonlySet<string>;
  /** What its name says it is beside the slide. */
  readonly role?: AssociatedImage['name'];
}

/** Focal plane and directory, both from 0. */
export interface OmePlane {
  readonly z: number;
  readonly ifd: number;
}

/** What a TiffData says: which planes lie in which directories, one after another. */
interface Block {
  readonly z: number;
  readonly ifd: number | undefined;
  readonly count: number | undefined;
}

type Draft = { -readonly [K in keyof OmeImage]?: OmeImage[K] } & {
  objective?: string;
  readonly blocks: Block[];
  readonly named: Set<string>;
};

/** Images after the first that are looked at. */
const maxImages = 64;

/**
 * Reads sizes, pixel size and objective from an OME-XML.
 *
 * @param xml Latin-1
 * @throws {ServiceError} `damaged`
 */
export function readOmeXml(xml: string, name: string): { images: OmeImage[]; isBinaryOnly: boolean } {
  const objectives = new Map<string, number>();
  const drafts: Draft[] = [];
  let isBinaryOnly = false;
  let open: Draft | undefined;
  for (const token of xmlTokens(xml, name)) {
    if (token.kind === 'text') continue;
    const element = token.name.split(':').at(-1) ?? '';
    if (token.kind === 'close') {
      if (element === 'Image') open = undefined;
      continue;
    }
    const { attributes } = token;
    if (element === 'BinaryOnly') isBinaryOnly = true;
    if (element === 'Objective') {
      const power = plausiblePower(parseDecimal(attributes.get('NominalMagnification')));
      if (power !== undefined) objectives.set(attributes.get('ID') ?? '', power);
    }
    if (element === 'Image' && drafts.length < maxImages) {
      const role = roleOf(attributes.get('Name') ?? '');
      open = { blocks: [], named: new Set(), ...(role !== undefined && { role }) };
      drafts.push(open);
    }
    if (open !== undefined) describe(open, element, attributes);
  }
  const images = drafts.flatMap((draft) => finished(draft, objectives));
  return { images, isBinaryOnly };
}

function describe(image: Draft, element: string, attributes: ReadonlyMap<string, string>): void {
  if (element === 'Pixels' && image.sizeX === undefined) {
    const count = (key: string): number => wholeNumber(attributes.get(key)) ?? 1;
    Object.assign(image, {
      sizeX: count('SizeX'),
      sizeY: count('SizeY'),
      sizeZ: count('SizeZ'),
      sizeC: count('SizeC'),
      sizeT: count('SizeT'),
    });
    const x = micrometres(attributes.get('PhysicalSizeX'), attributes.get('PhysicalSizeXUnit'));
    const y = micrometres(attributes.get('PhysicalSizeY'), attributes.get('PhysicalSizeYUnit'));
    if (x !== undefined && y !== undefined) Object.assign(image, { x, y });
    const z = micrometres(attributes.get('PhysicalSizeZ'), attributes.get('PhysicalSizeZUnit'));
    if (z !== undefined) image.z = z;
  }
  if (element === 'ObjectiveSettings' || element === 'ObjectiveRef')
    image.objective ??= attributes.get('ID') ?? '';
  if (element === 'UUID' && image.named.size < 2) image.named.add(attributes.get('FileName') ?? '');
  if (element !== 'TiffData') return;
  const ifd = wholeNumber(attributes.get('IFD'));
  image.ifd ??= ifd ?? 0;
  image.blocks.push({
    z: wholeNumber(attributes.get('FirstZ')) ?? 0,
    ifd,
    count: wholeNumber(attributes.get('PlaneCount')),
  });
}

function finished(draft: Draft, objectives: ReadonlyMap<string, number>): OmeImage[] {
  const { objective, blocks, named: files, sizeX, sizeY, sizeZ, sizeC, sizeT, ifd = 0, ...rest } = draft;
  if (sizeX === undefined || sizeY === undefined) return [];
  if (sizeZ === undefined || sizeC === undefined || sizeT === undefined) return [];
  const power = objective === undefined ? undefined : objectives.get(objective);
  const planes = planesOf(blocks, sizeZ);
  const image = { ...rest, sizeX, sizeY, sizeZ, sizeC, sizeT, ifd, planes, files };
  return [power === undefined ? image : { ...image, objectivePower: power }];
}

/**
 * Which directory holds which focal plane of an image of one colour picture each: planes that one TiffData speaks of
 * follow one another; without any, all do from the first directory on.
 */
function planesOf(blocks: readonly Block[], sizeZ: number): OmePlane[] {
  const planes: OmePlane[] = [];
  if (sizeZ > limits.focalPlanes) return planes;
  const all: Block = { z: 0, ifd: undefined, count: undefined };
  for (const { z, ifd, count } of blocks.length === 0 ? [all] : blocks) {
    // The schema: as many as there are, unless a directory is named; then that one.
    const length = Math.min(count ?? (ifd === undefined ? sizeZ : 1), sizeZ);
    for (let i = 0; i < length; i += 1) planes.push({ z: z + i, ifd: (ifd ?? 0) + i });
    // One too many says enough.
    if (planes.length > sizeZ) break;
  }
  return planes;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** µm of each unit OME knows that a scanner could use; UTF-8 read as Latin-1 makes two characters of µ. */
const units: ReadonlyMap<string, number> = new Map([
  ['\u00c2\u00b5m', 1],
  ['\u00b5m', 1],
  ['\u00ce\u00bcm', 1],
  ['&#181;m', 1],
  ['&#xB5;m', 1],
  ['nm', 0.001],
  ['mm', 1000],
  ['cm', 10_000],
  ['m', 1_000_000],
]);

/** @param unit µm where absent, as the schema says */
function micrometres(value: string | undefined, unit: string | undefined): number | undefined {
  const factor = unit === undefined ? 1 : units.get(unit);
  const number = parseDecimal(value);
  if (factor === undefined || number === undefined) return undefined;
  return isPlausibleMpp(number * factor) ? number * factor : undefined;
}

function roleOf(name: string): AssociatedImage['name'] | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith('label')) return 'label';
  if (lower.startsWith('macro') || lower.startsWith('overview')) return 'macro';
  return lower.startsWith('thumbnail') ? 'thumbnail' : undefined;
}
