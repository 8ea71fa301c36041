/** The TIFF tags this service reads, by what they are called in TIFF 6.0 and its supplements. */
export const tags = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  ImageDescription: 270,
  Make: 271,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  T4Options: 292,
  T6Options: 293,
  ResolutionUnit: 296,
  Software: 305,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SubIFDs: 330,
  InkSet: 332,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  YCbCrCoefficients: 529,
  YCbCrSubSampling: 530,
  YCbCrPositioning: 531,
  ReferenceBlackWhite: 532,
  XMP: 700,
  ICCProfile: 34675,
  LercParameters: 50674,
  NdpiFormat: 65420,
} as const;

const names = new Map<number, string>(Object.entries(tags).map(([name, code]) => [code, name]));

/** A tag as messages spell it: `tag 324 (TileOffsets)`. */
export function tagName(code: number): string {
  const name = names.get(code);
  return name === undefined ? `tag ${code}` : `tag ${code} (${name})`;
}

/** What a TIFF Compression value is called, for messages; absent for values nobody has registered. */
export const compressionNames: ReadonlyMap<number, string> = new Map([
  [1, 'none'],
  [2, 'CCITT RLE'],
  [3, 'CCITT G3'],
  [4, 'CCITT G4'],
  [5, 'LZW'],
  [6, 'old-style JPEG'],
  [7, 'JPEG'],
  [8, 'deflate'],
  [32766, 'NeXT RLE'],
  [32771, 'CCITT RLE, word aligned'],
  [32773, 'PackBits'],
  [32809, 'ThunderScan'],
  [32909, 'Pixar log'],
  [32946, 'deflate'],
  [33003, 'JPEG 2000, YCbCr'],
  [33004, 'JPEG 2000'],
  [33005, 'JPEG 2000, RGB'],
  [33007, 'raw YUYV'],
  [34661, 'JBIG'],
  [34712, 'JPEG 2000'],
  [34887, 'LERC'],
  [34892, 'lossy JPEG'],
  [34925, 'LZMA'],
  [50000, 'Zstandard'],
  [50001, 'WebP'],
  [50002, 'JPEG XL'],
]);

/** A Compression value as messages spell it: `compression 33005 (JPEG 2000, RGB)`. */
export function compressionName(code: number): string {
  const name = compressionNames.get(code);
  return name === undefined ? `compression ${code}` : `compression ${code} (${name})`;
}
