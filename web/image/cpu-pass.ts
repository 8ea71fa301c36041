import { colourChange, type ColourChange, type Look } from './colour-change.ts';
import { fit, newCanvas, type ColourPass } from './colour-pass.ts';

/** Colours that are remembered: slides have few, so most pixels are a look into a table. */
const remembered = 2 ** 20;

/**
 * Changes colours on the processor, where no graphics processor does it: software that imitates one is many times
 * slower than this.
 */
export class CpuPass implements ColourPass {
  readonly canvas = newCanvas();
  readonly #context = this.canvas.getContext('2d', { willReadFrequently: true });
  readonly #own = new Uint32Array(remembered);
  readonly #shown = new Uint32Array(remembered);
  #look: Look | undefined;
  #change: ColourChange | undefined;

  draw(picture: HTMLCanvasElement, look: Look): boolean {
    const { width, height } = picture;
    const context = this.#context;
    if (context === null) return false;
    fit(this.canvas, picture);
    context.globalCompositeOperation = 'copy';
    context.drawImage(picture, 0, 0);
    const pixels = context.getImageData(0, 0, width, height);
    this.#take(look);
    this.#changeAll(new Uint32Array(pixels.data.buffer));
    context.putImageData(pixels, 0, 0);
    return true;
  }

  destroy(): void {
    this.canvas.remove();
    Object.assign(this.canvas, { width: 0, height: 0 });
  }

  #take(look: Look): void {
    if (look === this.#look) return;
    this.#look = look;
    this.#change = colourChange(look);
    this.#own.fill(0);
  }

  /** Pixels are alpha, blue, green, red from the highest byte on: every machine that browsers run on does so. */
  #changeAll(pixels: Uint32Array): void {
    const [own, shown, change] = [this.#own, this.#shown, this.#change];
    if (change === undefined) return;
    for (let i = 0; i < pixels.length; i++) {
      const pixel = pixels[i] ?? 0;
      const colour = pixel & 0xff_ff_ff;
      // Colours that are near each other lie near each other; 0 is free, so black goes as what it is not.
      const place = ((colour & 0x7f) << 13) | ((colour >>> 2) & 0x1fc0) | ((colour >>> 16) & 0x3f);
      if (own[place] !== colour + 1) {
        own[place] = colour + 1;
        shown[place] = change(colour & 0xff, (colour >>> 8) & 0xff, colour >>> 16);
      }
      pixels[i] = (pixel & 0xff_00_00_00) | (shown[place] ?? 0);
    }
  }
}
