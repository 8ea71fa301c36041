import type { Size } from '../core/geometry.ts';
import type { SlideProperties } from '../core/slide.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import type { TiffField, TiffImage } from './tiff/image.ts';

/** One level of a slide as its file holds it. */
export interface ParsedLevel {
  /** Pixels that belong to the slide: padding that the writer added (Philips) is not counted. */
  readonly size: Size;
  /** Width of slide level 0 divided by the width of this level as intended by the writer (1, 2, 4, 16 …). */
  readonly downsample: number;
  readonly image: TiffImage;
  /**
   * Present when the tiles are JPEGs that a browser shows rightly once `jpegPrefix` replaces their first two
   * bytes (SOI): SOI, Adobe APP14 for RGB, the tables without their SOI and EOI.
   */
  readonly jpegPrefix?: Buffer;
  /** Why the tiles can't be served as they are, in words for a person; set exactly when `jpegPrefix` is absent. */
  readonly notServable?: string;
}

/** Where the picture of an associated image lies. Plain, so it can be stored in a tile index. */
export type AssociatedSource =
  /** Strips or tiles of a TIFF: rebuilt into a small TIFF of its own by `buildTiff`. */
  | { readonly kind: 'tiff'; readonly recipe: TiffRecipe }
  /** Base64 of a JPEG inside the file, e.g. in Philips' XML. */
  | { readonly kind: 'base64'; readonly offset: number; readonly length: number };

/** All that is needed to rebuild one image of a TIFF (or a part of it) as a file of its own. */
export interface TiffRecipe {
  readonly size: Size;
  readonly isTiled: boolean;
  readonly segmentSize: Size;
  readonly planes: number;
  /** Byte order of the file, which samples of more than 8 bits share; absent: little-endian. */
  readonly isBigEndian?: boolean;
  readonly fields: readonly TiffField[];
  /** As in {@link TiffImage}. */
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
}

/** A picture beside the slide itself. A label names a patient: who may see it is decided elsewhere. */
export interface AssociatedImage {
  readonly name: 'label' | 'macro' | 'thumbnail';
  readonly size: Size;
  readonly source: AssociatedSource;
}

/** A focal plane beside the base plane. */
export interface ParsedPlane {
  /** µm from the base plane, in the direction in which the file counts; absent where it does not say. */
  readonly offset?: number;
  /** As many as the slide's own, each of the same size in tiles of the same size. */
  readonly levels: readonly ParsedLevel[];
}

/** A focal stack. Its base plane, which is shown first, is the slide's own levels. */
export interface ParsedFocus {
  /** Place of the base plane among all planes, counted from 0 at the least offset. */
  readonly base: number;
  /** All other planes, by offset. */
  readonly others: readonly ParsedPlane[];
}

/** What a format's reader makes of a file: no pixel is decoded yet. */
export interface ParsedSlide {
  readonly properties: SlideProperties;
  /**
   * Levels from fine to coarse; level 0 is always there. Empty for a picture that only a native decoder can
   * read as a whole (`picture`).
   */
  readonly levels: readonly ParsedLevel[];
  /** Absent where there is one focal plane only. */
  readonly focus?: ParsedFocus;
  /** A plain picture file (JPEG, PNG): decoded as a whole, by libvips, in a worker; EXIF orientation applies. */
  readonly picture?: { readonly kind: 'jpeg' | 'png'; readonly size: Size };
  readonly associated: readonly AssociatedImage[];
  /** The scanner's ICC profile. */
  readonly icc?: Buffer;
}

/** One slide format: one file and one line in the registry. */
export interface SlideFormat {
  /** E.g. `aperio-svs`. */
  readonly name: string;
  /**
   * Reads the structure of a file of this format.
   *
   * @returns undefined when the file is of another format (the registry then asks the next one)
   * @throws {ServiceError} `damaged` or `unsupported`: it is of this format, but can't be shown; the message says
   *   what, where and what to do
   */
  parse(source: ByteSource, signal?: AbortSignal): Promise<ParsedSlide | undefined>;
}
