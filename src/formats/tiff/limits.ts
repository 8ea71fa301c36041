/**
 * What a TIFF may hold before it is refused. Each limit lies well above any real slide and keeps the memory and
 * time of a parse bounded whatever the bytes say.
 */
export const limits = {
  /** Directories of a file, SubIFDs included. A focal stack of ten planes with ten levels has a hundred. */
  directories: 1000,
  /** Entries of one directory. */
  entries: 1024,
  /** Width or height, px. */
  sidePx: 2 ** 31 - 1,
  /** Pixels of one image. */
  imagePx: 2 ** 40,
  /** Width or height of a tile, px. */
  tileSidePx: { min: 8, max: 16_384 },
  /** Tiles or strips of one image: 500,000 × 500,000 px in tiles of 256 px. */
  segments: 2 ** 22,
  /** Planes of a focal stack: scanners offer some ten to thirty. */
  focalPlanes: 100,
  /** Levels of a focal plane, and tiles or strips of all of a slide's: what a parse holds in memory. */
  levels: 32,
  slideSegments: 2 ** 23,
  samples: 16,
  /** Bytes of ImageDescription and other texts. */
  textBytes: 2 ** 20,
  /** Bytes of Philips' XML, which holds label and macro as base64. */
  philipsXmlBytes: 2 ** 24,
  jpegTablesBytes: 2 ** 16,
  iccBytes: 2 ** 23,
  /** Compressed bytes and pixels of a label, macro or thumbnail. */
  associated: { bytes: 2 ** 26, px: 200_000_000, segments: 2 ** 16 },
  /** Bytes of a segment beyond which it can't be an honest compression of its pixels. */
  segmentBytes: (rawBytes: number): number => 4 * rawBytes + 2 ** 20,
  /**
   * Bytes that all segments of an image may hold together, by the size of the file.
   *
   * Tiles may share bytes: writers store one blank tile and point to it often, which multiplies the bytes of a
   * slide by less than two even if nine tiles of ten are blank. A file whose tiles add up to more than four
   * times itself was made to cost far more work than it cost to send.
   */
  sharedBytes: (fileBytes: number): number => 4 * fileBytes + 2 ** 20,
} as const;
