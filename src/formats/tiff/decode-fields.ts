import type { TiffField, TiffLayout } from './image.ts';
import { limits } from './limits.ts';
import { tags } from './tags.ts';
import { readField, type TiffContext } from './values.ts';

/** Tags that are copied as they are; anything a decoder does not need stays out, text above all. */
const copied = [
  tags.FillOrder,
  tags.T4Options,
  tags.T6Options,
  tags.Predictor,
  tags.ColorMap,
  tags.InkSet,
  tags.ExtraSamples,
  tags.SampleFormat,
  tags.LercParameters,
];

/** Tags that mean something for YCbCr alone; Aperio writes a wrong YCbCrSubSampling on RGB. */
const ycbcr = [
  tags.YCbCrCoefficients,
  tags.YCbCrSubSampling,
  tags.YCbCrPositioning,
  tags.ReferenceBlackWhite,
];

const short = (code: number, ...values: number[]): TiffField => ({ code, type: 3, values });

/** Bytes of the largest ColorMap: three tables of 2^16 SHORTs. */
const maxFieldBytes = 3 * 2 * 65_536;

/**
 * Fields that a decoder needs beside size, segments and tables.
 *
 * Orientation stays out: pixels are shown as they are stored. So does the ICC profile, which is kept once per
 * slide and applied where it is shown — except for CMYK, whose pixels are colours only through their profile:
 * there profiles up to 1 MiB are part of the fields, and decoding gives sRGB.
 */
export async function readDecodeFields(context: TiffContext, layout: TiffLayout): Promise<TiffField[]> {
  const fields = [
    short(tags.BitsPerSample, ...layout.bitsPerSample),
    short(tags.Compression, layout.compression),
    short(tags.PhotometricInterpretation, layout.photometric),
    short(tags.SamplesPerPixel, layout.samplesPerPixel),
    short(tags.PlanarConfiguration, layout.planes > 1 ? 2 : 1),
  ];
  const wanted = layout.photometric === 6 ? [...copied, ...ycbcr] : copied;
  for (const code of wanted) {
    const field = await readField(context, code, maxFieldBytes);
    if (field !== undefined) fields.push(field);
  }
  if (layout.compression === 7) {
    const tables = await readField(context, tags.JPEGTables, limits.jpegTablesBytes);
    if (tables !== undefined) fields.push({ ...tables, type: 7 });
  }
  if (layout.photometric === 5 && (context.directory.entries.get(tags.ICCProfile)?.count ?? 0) <= 2 ** 20) {
    const profile = await readField(context, tags.ICCProfile, 2 ** 20);
    if (profile !== undefined) fields.push({ ...profile, type: 7 });
  }
  return fields;
}
