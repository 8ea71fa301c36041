/** A file that can't be shown, and what a person is told. */
export interface RefusedVariant {
  readonly file: string;
  readonly command: string;
  readonly reason: RegExp;
}

/** What is refused: how it is made, and the words that tell why. */
const refusals: readonly (readonly [file: string, command: string, reason: RegExp])[] = [
  ['float.tif', 'vips cast rgb.png a.v float && vips tiffsave a.v OUT', /floating-point/],
  ['signed.tif', 'vips cast rgb.png a.v short && vips tiffsave a.v OUT', /signed/],
  ['bits32.tif', 'vips cast grey.png a.v uint && vips tiffsave a.v OUT', /32 bits/],
  ['lab.tif', 'vips colourspace rgb.png a.v lab && vips tiffsave a.v OUT', /floating-point/],
  ['lab8.tif', 'convert rgb.png -colorspace Lab OUT', /CIELab colours of 8 bits/],
  ['ycbcr.tif', 'convert rgb.png -colorspace YCbCr -compress LZW OUT', /YCbCr colours without JPEG/],
  ['five.tif', 'vips bandjoin "rgb.png ramp.v ramp.v" a.v && vips tiffsave a.v OUT', /5 samples/],
  ['lzma.tif', 'vips tiffsave rgb.png in.tif && tiffcp -c lzma in.tif OUT', /LZMA/],
  ['lerc.tif', 'vips tiffsave rgb.png in.tif && tiffcp -c lerc in.tif OUT', /LERC/],
  ['jp2k.tif', 'vips tiffsave rgb.png OUT --tile --compression jp2k', /JPEG 2000/],
  ['picture.webp', 'vips webpsave rgb.png OUT', /WebP is recognised/],
  ['picture.gif', 'convert rgb.png OUT', /GIF is recognised/],
  ['picture.bmp', 'convert rgb.png OUT', /BMP is recognised/],
];

/** All that must be refused. */
export const refusedVariants: readonly RefusedVariant[] = refusals.map(([file, command, reason]) => ({
  file,
  command: command.replaceAll('OUT', file),
  reason,
}));
