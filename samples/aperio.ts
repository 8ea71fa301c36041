import type { Size } from '../src/core/geometry.ts';
import type { TiffField } from '../src/formats/tiff/image.ts';
import {
  ascii,
  long,
  rational,
  short,
  type TiffFileWriter,
  type WrittenImage,
} from '../src/pyramid/tiff-writer.ts';
import { encode } from './encode.ts';
import { drawLabel, drawMacro, drawThumbnail } from './glass-slide.ts';
import type { LevelPlan, SampleLayout } from './layouts.ts';
import type { Pixels } from './levels.ts';

/** What the directories of a sample say about it. */
export interface SampleFacts {
  readonly layout: SampleLayout;
  readonly size: Size;
  readonly seed: number;
  /** µm per pixel. */
  readonly mpp: number;
  readonly tileSize: number;
  readonly quality: number;
  /** µm from nominal focus, where the sample is a focal stack. */
  readonly offsetZ?: number;
}

/** First line of every description; it begins as readers of Aperio files expect, and says what this is. */
const library = 'Aperio Image Library v12.0.15 (synthetic sample by Telepath)';

/** `40000x30000`, as Aperio spells sizes. */
const spell = ({ width, height }: Size): string => `${width}x${height}`;

/** The facts that follow the first line of base, levels and thumbnail. */
function properties({ mpp, offsetZ }: SampleFacts): string {
  const focus = offsetZ === undefined ? '' : `|OffsetZ = ${offsetZ.toFixed(6)}`;
  return `|AppMag = ${Math.round(10 / mpp)}|MPP = ${mpp.toFixed(4)}${focus}`;
}

/** Text of the directory of a level, in Aperio's style. */
function describeLevel(facts: SampleFacts, level: LevelPlan): string {
  const { size, tileSize, quality } = facts;
  const scaled = level.halvings === 0 ? '' : ` -> ${spell(level.size)}`;
  const how = `(${tileSize}x${tileSize})${scaled} JPEG/YCC Q=${quality}`;
  return `${library} \r\n${spell(size)} [0,0 ${spell(size)}] ${how}${properties(facts)}`;
}

/** Fields of a level beside those of its encoding: kind, description, resolution. */
export function levelFields(facts: SampleFacts, level: LevelPlan): TiffField[] {
  // Aperio leaves the kind of its levels at 0; generic readers know a smaller level by 1.
  const isReduced = facts.layout !== 'svs' && level.halvings > 0;
  const kind = [long(254, isReduced ? 1 : 0), short(284, 1)];
  if (facts.layout === 'svs') return [...kind, ascii(270, describeLevel(facts, level))];
  const perCm = Math.round(1e7 / (facts.mpp * 2 ** level.halvings));
  return [...kind, rational(282, perCm, 1000), rational(283, perCm, 1000), short(296, 3)];
}

/** Writes a picture as strips. @returns its directory */
async function writePicture(
  file: TiffFileWriter,
  pixels: Pixels,
  compression: 'jpeg' | 'lzw',
  about: readonly TiffField[],
): Promise<WrittenImage> {
  const { segments, rowsPerStrip, fields } = await encode(pixels, { compression, quality: 85 });
  const offsets: number[] = [];
  for (const segment of segments) offsets.push(await file.append(segment));
  return {
    size: { width: pixels.width, height: pixels.height },
    isTiled: false,
    segmentSize: { width: pixels.width, height: rowsPerStrip },
    fields: [...fields, short(284, 1), ...about],
    offsets,
    lengths: segments.map((segment) => segment.length),
  };
}

/** Fields that say what an associated image is. */
const about = (kind: number, text: string): TiffField[] => [
  long(254, kind),
  ascii(270, `${library} \n${text}`),
];

/** Writes thumbnail, label and macro. @param overview the whole scan, small */
export async function aperioAssociated(
  facts: SampleFacts,
  overview: Pixels,
  file: TiffFileWriter,
): Promise<{ readonly thumbnail: WrittenImage; readonly rest: readonly WrittenImage[] }> {
  const [small, label] = [await drawThumbnail(overview), drawLabel(facts.seed)];
  const macro = await drawMacro(facts.seed, small, (facts.size.width * facts.mpp) / 1000);
  const scaled = `${spell(facts.size)} -> ${spell(small)} - ${properties(facts)}`;
  return {
    thumbnail: await writePicture(file, small, 'jpeg', about(0, scaled)),
    rest: [
      await writePicture(file, label, 'lzw', about(1, `label ${spell(label)}`)),
      await writePicture(file, macro, 'jpeg', about(9, `macro ${spell(macro)}`)),
    ],
  };
}
