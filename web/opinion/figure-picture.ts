/** Longest side of a figure, px: more is finer than any print of it. */
const maxSide = 3200;
/** Quality of the JPEG: differences are below what a print shows. */
const quality = 0.92;

/**
 * A picture as a figure of a report: JPEG, not larger than a page can show.
 *
 * @throws {Error} when the browser cannot read it
 */
export async function asJpeg(picture: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(picture).catch((cause: unknown) => {
    throw new Error('This picture cannot be read. Choose a JPEG or PNG file.', { cause });
  });
  try {
    const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('The browser has no memory for the picture.');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) =>
          blob === null ? reject(new Error('The browser has no memory for the picture.')) : resolve(blob),
        'image/jpeg',
        quality,
      );
    });
  } finally {
    bitmap.close();
  }
}
