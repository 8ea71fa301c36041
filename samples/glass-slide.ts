import sharp from 'sharp';
import type { Rect, Size } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import { drawText } from './font.ts';
import type { Pixels } from './levels.ts';
import { hash, noise } from './noise.ts';

/** Fills a rectangle, as far as it lies in the picture. */
function fill(pixels: Pixels, rect: Rect, colour: Rgb): void {
  const right = Math.min(pixels.width, rect.left + rect.width);
  const bottom = Math.min(pixels.height, rect.top + rect.height);
  for (let y = Math.max(0, rect.top); y < bottom; y++)
    for (let x = Math.max(0, rect.left); x < right; x++) pixels.rgb.set(colour, (y * pixels.width + x) * 3);
}

const ink: Rgb = [38, 36, 44];

/** Line of text in squares of `dot` px. */
function write(pixels: Pixels, text: string, at: { left: number; top: number; dot: number }): void {
  drawText(text, (column, row) =>
    fill(
      pixels,
      { left: at.left + column * at.dot, top: at.top + row * at.dot, width: at.dot, height: at.dot },
      ink,
    ),
  );
}

/** A matrix with the finder and the clock of a Data Matrix around random cells; it encodes nothing. */
function drawMatrix(pixels: Pixels, seed: number, left: number, top: number, dot: number): void {
  const cells = 22;
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++) {
      const isFinder = column === 0 || row === cells - 1;
      const isClock = row === 0 || column === cells - 1;
      const isDark = isFinder || (isClock ? (row + column) % 2 === 0 : (hash(seed, column, row) & 1) === 1);
      if (isDark)
        fill(pixels, { left: left + column * dot, top: top + row * dot, width: dot, height: dot }, ink);
    }
}

/** A printed paper label: an accession number that belongs to nobody, the stain, and a code. 387 × 463 px. */
export function drawLabel(seed: number): Pixels {
  const pixels = { width: 387, height: 463, rgb: new Uint8Array(387 * 463 * 3) };
  for (let i = 0, y = 0; y < pixels.height; y++)
    for (let x = 0; x < pixels.width; x++, i += 3) {
      const paper = 238 + 3 * noise(seed, x / 5, y / 5) + 4 * noise(seed + 1, x / 160, y / 160);
      pixels.rgb.set([paper, paper, paper - 8], i);
    }
  const number = String(hash(seed, 5, 7) % 100_000).padStart(5, '0');
  write(pixels, 'TELEPATH', { left: 36, top: 34, dot: 6 });
  fill(pixels, { left: 30, top: 92, width: 327, height: 3 }, ink);
  write(pixels, `S26-${number}`, { left: 36, top: 116, dot: 5 });
  write(pixels, 'A1   H&E', { left: 36, top: 172, dot: 5 });
  write(pixels, 'SYNTHETIC', { left: 36, top: 226, dot: 4 });
  drawMatrix(pixels, hash(seed, 11, 13), 182, 272, 7);
  return pixels;
}

const macroSize: Size = { width: 1280, height: 431 };
/** A glass slide is 75 mm long. */
const pxPerMm = macroSize.width / 79;

/** Brings a picture to a size, by libvips. */
async function resized(pixels: Pixels, size: Size): Promise<Pixels> {
  const raw = { width: pixels.width, height: pixels.height, channels: 3 } as const;
  const rgb = await sharp(pixels.rgb, { raw })
    .resize(size.width, size.height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { ...size, rgb };
}

/** Puts a picture over another as a transparency: what is white in it stays as it was. */
function overlay(pixels: Pixels, film: Pixels, left: number, top: number): void {
  for (let y = 0; y < film.height; y++)
    for (let x = 0; x < film.width; x++) {
      const p = ((top + y) * pixels.width + left + x) * 3;
      const q = (y * film.width + x) * 3;
      for (let c = 0; c < 3; c++)
        pixels.rgb[p + c] = Math.min(255, (pixels.rgb[p + c]! * film.rgb[q + c]!) / 242);
    }
}

/**
 * The glass slide as the scanner's camera sees it: label, coverslip and tissue. 1280 × 431 px.
 *
 * @param scan the whole scan, small
 * @param scanMm its width on the glass; shown larger where the tissue would be a speck
 */
export async function drawMacro(seed: number, scan: Pixels, scanMm: number): Promise<Pixels> {
  const { width, height } = macroSize;
  const pixels = { width, height, rgb: new Uint8Array(width * height * 3) };
  for (let i = 0, y = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) {
      const light = 205 + 14 * Math.sin((y / height) * Math.PI) + 2 * noise(seed, x / 90, y / 90);
      pixels.rgb.set([light - 4, light, light - 2], i);
    }
  const edge = 16;
  fill(
    pixels,
    { left: edge, top: edge, width: width - 2 * edge, height: height - 2 * edge },
    [232, 234, 232],
  );
  fill(pixels, { left: edge, top: edge, width: width - 2 * edge, height: 2 }, [188, 194, 192]);
  fill(pixels, { left: edge, top: height - edge - 2, width: width - 2 * edge, height: 2 }, [176, 182, 180]);
  const label = await resized(drawLabel(seed), { width: 318, height: height - 2 * edge - 12 });
  for (let y = 0; y < label.height; y++)
    pixels.rgb.set(
      label.rgb.subarray(y * label.width * 3, (y + 1) * label.width * 3),
      ((edge + 6 + y) * width + edge + 6) * 3,
    );
  const slip = { left: 372, top: edge + 22, width: 800, height: height - 2 * edge - 44 };
  fill(pixels, slip, [206, 211, 209]);
  fill(
    pixels,
    { left: slip.left + 2, top: slip.top + 2, width: slip.width - 4, height: slip.height - 4 },
    [238, 239, 238],
  );
  const aspect = scan.height / scan.width;
  const wanted = Math.max(scanMm, 14) * pxPerMm;
  const filmWidth = Math.max(1, Math.round(Math.min(wanted, slip.width - 20, (slip.height - 20) / aspect)));
  const film = await resized(scan, { width: filmWidth, height: Math.max(1, Math.round(filmWidth * aspect)) });
  const [left, top] = [slip.left + (slip.width - film.width) / 2, slip.top + (slip.height - film.height) / 2];
  overlay(pixels, film, Math.floor(left), Math.floor(top));
  return pixels;
}

/** A scan fitted into 1024 × 768 px, never enlarged. */
export async function drawThumbnail(scan: Pixels): Promise<Pixels> {
  const scale = Math.min(1, 1024 / scan.width, 768 / scan.height);
  const size = {
    width: Math.max(1, Math.round(scan.width * scale)),
    height: Math.max(1, Math.round(scan.height * scale)),
  };
  return resized(scan, size);
}
