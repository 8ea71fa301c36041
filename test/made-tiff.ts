import sharp from 'sharp';
import { asciiField, testTiff, type TestField, type TestTiffShape } from '../src/formats/tiff/test-tiff.ts';

/** One image of a TIFF made for a test. */
export interface MadeImage {
  /** Path of a picture. */
  readonly picture: string;
  /** Side of its JPEG tiles, px; absent: one uncompressed strip. */
  readonly tile?: number;
  /** Fit the picture in this size, whatever its shape. */
  readonly size?: readonly [width: number, height: number];
  readonly description?: string;
  readonly subfileType?: number;
  /** Whether the tiles leave their tables to JPEGTables. */
  readonly isAbbreviated?: boolean;
  readonly isProgressive?: boolean;
  /** Which tiles are not stored. */
  readonly lacks?: (column: number, row: number) => boolean;
  /** Bytes in front of each tile, as GDAL writes its length there. */
  readonly leader?: number;
  readonly more?: readonly TestField[];
}

/** A TIFF of such images, in either byte order. @param ghost text between header and tiles, as GDAL writes it */
export async function madeTiff(
  images: readonly MadeImage[],
  shape: TestTiffShape = { isBig: false, isLittleEndian: true },
  ghost = '',
): Promise<Buffer> {
  const parts: Buffer[] = [evened(Buffer.from(ghost, 'latin1'))];
  let at = (shape.isBig ? 16 : 8) + (parts[0]?.length ?? 0);
  const append = (bytes: Buffer, leader = 0): number => {
    const led = evened(Buffer.concat([Buffer.alloc(leader), bytes]));
    parts.push(led);
    at += led.length;
    return at - led.length + leader;
  };
  const directories: TestField[][] = [];
  for (const image of images) directories.push(await directoryOf(image, shape, append));
  return testTiff(shape, directories, Buffer.concat(parts));
}

function evened(bytes: Buffer): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}

async function directoryOf(
  image: MadeImage,
  shape: TestTiffShape,
  append: (bytes: Buffer, leader?: number) => number,
): Promise<TestField[]> {
  const picture = sharp(image.picture).removeAlpha().toColourspace('srgb');
  if (image.size !== undefined)
    picture.resize({ width: image.size[0], height: image.size[1], fit: 'fill', kernel: 'cubic' });
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const common: TestField[] = [
    ...(image.subfileType === undefined ? [] : [[254, 4, image.subfileType] as const]),
    [256, 4, info.width],
    [257, 4, info.height],
    [258, 3, 8, 8, 8],
    ...(image.description === undefined ? [] : [asciiField(270, image.description)]),
    [277, 3, 3],
    ...(image.more ?? []),
  ];
  if (image.tile === undefined)
    return [
      ...common,
      [259, 3, 1],
      [262, 3, 2],
      [273, 4, append(data)],
      [278, 4, info.height],
      [279, 4, data.length],
    ];
  const { offsets, lengths, tables } = await tilesOf(image, image.tile, { data, ...info }, append);
  return [
    ...common,
    [259, 3, 7],
    [262, 3, 6],
    [322, 4, image.tile],
    [323, 4, image.tile],
    [324, shape.isBig ? 16 : 4, ...offsets],
    [325, 4, ...lengths],
    ...(tables === undefined ? [] : [[347, 7, ...tables] as const]),
    [530, 3, 2, 2],
  ];
}

async function tilesOf(
  { lacks, isAbbreviated, isProgressive, leader }: MadeImage,
  tile: number,
  { data, width, height }: { data: Buffer; width: number; height: number },
  append: (bytes: Buffer, leader?: number) => number,
): Promise<{ offsets: number[]; lengths: number[]; tables?: Buffer }> {
  const [offsets, lengths]: [number[], number[]] = [[], []];
  let tables: Buffer | undefined;
  for (let top = 0; top < height; top += tile)
    for (let left = 0; left < width; left += tile) {
      if (lacks?.(left / tile, top / tile) === true) {
        offsets.push(0);
        lengths.push(0);
        continue;
      }
      const part = { left, top, width: Math.min(tile, width - left), height: Math.min(tile, height - top) };
      const cut = await sharp(data, { raw: { width, height, channels: 3 } })
        .extract(part)
        .extend({ right: tile - part.width, bottom: tile - part.height, extendWith: 'copy' })
        .jpeg({ quality: 92, optimiseCoding: false, progressive: isProgressive ?? false })
        .toBuffer();
      const split = isAbbreviated === true ? abbreviated(cut) : { tile: cut, tables: undefined };
      tables ??= split.tables;
      offsets.push(append(split.tile, leader));
      lengths.push(split.tile.length);
    }
  return tables === undefined ? { offsets, lengths } : { offsets, lengths, tables };
}

/** A JPEG cut into its tables and the rest, both with SOI and EOI. */
function abbreviated(jpeg: Buffer): { tile: Buffer; tables: Buffer } {
  const [tables, rest] = [[jpeg.subarray(0, 2)], [jpeg.subarray(0, 2)]];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    const code = jpeg[at + 1] ?? 0;
    const segment = jpeg.subarray(at, end);
    if (code === 0xdb || code === 0xc4) tables.push(segment);
    // Without JFIF, as libtiff writes them.
    else if (code !== 0xe0) rest.push(segment);
    at = end;
  }
  rest.push(jpeg.subarray(at));
  tables.push(Buffer.from([0xff, 0xd9]));
  return { tile: Buffer.concat(rest), tables: Buffer.concat(tables) };
}
