import type { Rect, Size } from '../core/geometry.ts';
import type { Rgb } from '../core/slide.ts';
import type { TiffRecipe } from '../formats/format.ts';
import type { SourceSpec } from '../storage/byte-source.ts';

/** A part of a JPEG placed on a canvas. */
export interface Piece {
  /** A complete JPEG file. */
  readonly jpeg: Uint8Array;
  /** What the JPEG must measure; another size is refused as `damaged`. */
  readonly size: Size;
  /** The part of it that is used. */
  readonly crop: Rect;
  /** Where that part goes on the canvas, px. */
  readonly left: number;
  readonly top: number;
}

/** Puts JPEGs on a canvas, then shrinks it, then encodes it as JPEG. */
export interface ComposeTask {
  readonly task: 'compose';
  readonly canvas: Size;
  readonly background: Rgb;
  readonly pieces: readonly Piece[];
  /**
   * `none`; `half`: the mean of 2 × 2 px, edges repeated, as Deep Zoom makes a level from the next finer one
   * (output is the canvas halved, rounded up); or a size to fit, by a good resampling filter.
   */
  readonly shrink: 'none' | 'half' | Size;
  /** JPEG quality, 1–100. */
  readonly quality: number;
}

/** Decodes a small picture (an associated image) and encodes it as an sRGB JPEG within `maxSize`. */
export interface PictureTask {
  readonly task: 'picture';
  /** A complete TIFF or JPEG file. */
  readonly bytes: Uint8Array;
  readonly maxSize: Size;
  readonly background: Rgb;
  readonly quality: number;
}

/** Where the pixels of a conversion come from. */
export type ConversionInput =
  /** One image of a TIFF, read segment by segment from the file. */
  | { readonly kind: 'tiff'; readonly source: SourceSpec; readonly recipe: TiffRecipe }
  /** Raw interleaved RGB, 8 bit, in a local file. */
  | { readonly kind: 'raw'; readonly path: string; readonly size: Size };

/** A task of a decoder child and what it gives. */
export interface DecoderTasks {
  readonly compose: { readonly task: ComposeTask; readonly result: Uint8Array };
  readonly picture: { readonly task: PictureTask; readonly result: Uint8Array };
}

/**
 * Runs native decoders on untrusted bytes in a child process that may die.
 *
 * A child that dies or exceeds its time or memory rejects its tasks with `damaged` and is replaced.
 */
export interface Decoder {
  compose(task: Omit<ComposeTask, 'task'>, signal?: AbortSignal): Promise<Buffer>;
  picture(task: Omit<PictureTask, 'task'>, signal?: AbortSignal): Promise<Buffer>;
  close(): Promise<void>;
}
