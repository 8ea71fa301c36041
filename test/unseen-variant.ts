/** A file made by other programs, and the picture it must show. */
export interface ShownVariant {
  readonly file: string;
  /** Shell that makes it, in the folder of the pictures. */
  readonly command: string;
  /** The picture to compare with. */
  readonly truth: string;
  /** Mean absolute difference of 255 that is allowed. */
  readonly limit: number;
}

/** Mean absolute difference of 255 allowed where the file itself has lost nothing: what our own JPEG costs. */
export const lossless = 2;
/** The same where the file holds JPEG or WebP. */
export const lossy = 3;

/** A TIFF that libvips writes. */
export const vips = (file: string, options: string, from = 'rgb', limit = lossless): ShownVariant => ({
  file: `${file}.tif`,
  command: `vips tiffsave ${from}.png ${file}.tif ${options}`,
  truth: `${from}.png`,
  limit,
});

/** A file that another program makes of a TIFF that libvips writes. */
export const after = (
  file: string,
  save: string,
  command: string,
  from = 'rgb',
  limit = lossless,
): ShownVariant => ({
  file,
  command: `vips tiffsave ${from}.png in.tif ${save}\n${command.replaceAll('OUT', file)}`,
  truth: `${from}.png`,
  limit,
});

/** A file made by a command in which OUT stands for it. */
export const made = (file: string, command: string, truth: string, limit = lossless): ShownVariant => ({
  file,
  command: command.replaceAll('OUT', file),
  truth,
  limit,
});
