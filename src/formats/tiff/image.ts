import type { Size } from '../../core/geometry.ts';

/** One field of an image file directory, as a decoder needs it; plain, so it can be sent and stored. */
export interface TiffField {
  readonly code: number;
  /** TIFF 6.0 field type: 1 BYTE, 2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED, … 16 LONG8. */
  readonly type: number;
  /** One entry per value; two per RATIONAL (numerator, denominator); bytes for BYTE, ASCII and UNDEFINED. */
  readonly values: readonly number[];
}

/**
 * One image of a TIFF file: where its tiles or strips lie, and what it takes to decode them.
 *
 * A strip is a tile as wide as the image, so `segmentSize` and the grid describe both.
 */
export interface TiffImage {
  /** Where the directory was found, for messages: `IFD 2`, `IFD 0 SubIFD 1`. */
  readonly where: string;
  /** ImageWidth × ImageLength, px. */
  readonly size: Size;
  readonly isTiled: boolean;
  /** TileWidth × TileLength, or ImageWidth × RowsPerStrip, px. */
  readonly segmentSize: Size;
  readonly columns: number;
  readonly rows: number;
  /** 1, or SamplesPerPixel where PlanarConfiguration is 2: then plane after plane follows in the tables. */
  readonly planes: number;
  /** Byte order of the file, which samples of more than 8 bits share; absent: little-endian. */
  readonly isBigEndian?: boolean;
  readonly compression: number;
  readonly photometric: number;
  readonly samplesPerPixel: number;
  readonly bitsPerSample: readonly number[];
  /** SampleFormat of the first sample: 1 unsigned, 2 signed, 3 float. */
  readonly sampleFormat: number;
  /** NewSubfileType, 0 where absent. */
  readonly subfileType: number;
  /** TIFF orientation, 1–8; 1 where absent. */
  readonly orientation: number;
  /** Fields a decoder needs beside size, segments and tables of segments: JPEGTables, Predictor, ColorMap, … */
  readonly decodeFields: readonly TiffField[];
  /** Byte offset of each segment: row-major, plane after plane; columns × rows × planes entries. */
  readonly offsets: Float64Array;
  /** Bytes of each segment; 0 = not stored (background). */
  readonly lengths: Float64Array;
}

/** What a directory says of its image, before the tables of its segments are read: a few hundred bytes. */
export type TiffLayout = Omit<TiffImage, 'decodeFields' | 'offsets' | 'lengths'>;
