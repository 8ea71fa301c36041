import type { Rect, Size } from '../core/geometry.ts';
import type { Rgb } from '../core/slide.ts';
import type { TiffRecipe } from '../formats/format.ts';
import type { SourceSpec } from '../storage/byte-source.ts';
import type { DamageReason } from './checksums.ts';

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

/** Puts JPEGs on a canvas, shrinks it, and encodes it as JPEG. */
export interface ComposeTask {
  readonly task: 'compose';
  readonly canvas: Size;
  readonly background: Rgb;
  readonly pieces: readonly Piece[];
  /**
   * How often the canvas is halved: each time the mean of 2 × 2 px, edges repeated, as Deep Zoom makes a level from
   * the next finer one. 0 leaves it as it is.
   */
  readonly halvings: number;
  /** A size to fit at last, by a good resampling filter; never enlarged. */
  readonly fit?: Size;
  /** JPEG quality, 1–100. */
  readonly quality: number;
}

/** Makes tiles of the next coarser level out of a block of stored ones: each pixel the mean of 2 × 2. */
export interface ShrinkTilesTask {
  readonly task: 'shrinkTiles';
  /** Complete JPEG files, one after the other. */
  readonly bytes: Uint8Array;
  /** Bytes of each, row by row; 0 = not stored, background. At least one is stored. */
  readonly lengths: readonly number[];
  /** Tiles in a row; even, as is the number of rows. */
  readonly columns: number;
  /** Side of every tile, px. */
  readonly tileSize: number;
  readonly background: Rgb;
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
export type ConversionInput = (
  | { readonly kind: 'tiff'; readonly source: SourceSpec; readonly recipe: TiffRecipe }
  | RawInput
) & {
  /** TIFF orientation to apply, 1–8; the conversion's sizes are those of the turned image. Absent: 1. */
  readonly orientation?: number;
};

/** Interleaved RGB, 8 bit, row after row without gaps, in a local file. */
export interface RawInput {
  readonly kind: 'raw';
  readonly path: string;
  /** Bytes before the first pixel. */
  readonly offset: number;
  readonly size: Size;
}

/** Makes the tiles of one block of an image, for as many levels as the block holds whole tiles of. */
export interface ConvertBlockTask {
  readonly task: 'convertBlock';
  readonly input: ConversionInput;
  /** Size of the level that the block is part of; where it exceeds the input, the input's edge is repeated. */
  readonly canvas: Size;
  /** Px of the canvas; its corner is a multiple of tileSize · 2^(halvings − 1), its far edges too or the canvas'. */
  readonly block: Rect;
  readonly tileSize: number;
  /** How often the block is halved in all; tiles are made of the levels before the last halving. */
  readonly halvings: number;
  /** Exponents below `halvings` (0 = the block itself) of which tiles are wanted, ascending. */
  readonly emit: readonly number[];
  readonly background: Rgb;
  readonly quality: number;
  /** File for the tiles; replaced when it exists. */
  readonly tilesPath: string;
  /** Raw file of the level `halvings` further down, to which the last halved pixels go; absent: not wanted. */
  readonly reduced?: { readonly path: string; readonly size: Size };
}

/** Tiles of one level that a block gave, row-major, in the block's file, each padded to an even length. */
export interface BlockLevel {
  readonly exponent: number;
  /** Place of the first tile in the level's grid. */
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
  /** Bytes of each tile, padding not counted. */
  readonly lengths: Uint32Array;
}

/** What a block gave. */
export interface BlockTiles {
  readonly levels: readonly BlockLevel[];
  /** What all its tiles need to be decoded; the same for all blocks of one quality. Absent without tiles. */
  readonly encoding?: TileEncoding;
}

/** How tiles of a pyramid are encoded, in TIFF's terms. */
export interface TileEncoding {
  /** JPEGTables: SOI, tables, EOI. */
  readonly tables: Uint8Array;
  /** 6 YCbCr or 2 RGB. */
  readonly photometric: number;
}

/** Decodes a whole picture, front to back, into a raw file that {@link RawInput} describes. */
export interface FlattenTask {
  readonly task: 'flatten';
  /** A local JPEG, PNG or TIFF file. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  /** Must end in `.v`, libvips' own raw format. */
  readonly outPath: string;
  readonly background: Rgb;
  /** Whether embedded ICC profiles of RGB pictures are applied (else left to the viewer). */
  readonly appliesIcc: boolean;
}

/** A flattened picture. */
export interface Flattened {
  readonly input: RawInput;
  /** EXIF or TIFF orientation that is still to be applied. */
  readonly orientation: number;
}

/** Decodes stored tiles to see whether they are whole. */
export interface VerifyTask {
  readonly task: 'verify';
  /** A range of an object in which the tiles lie. */
  readonly bytes: Uint8Array;
  /** What tiles of each level need to be decoded, and must measure. */
  readonly levels: readonly { readonly prefix: Uint8Array; readonly tileSize: Size }[];
  /** Level of each tile and where in `bytes` it lies. */
  readonly tiles: readonly { readonly level: number; readonly at: number; readonly length: number }[];
}

/** What a decoder found a stored tile to be. */
export type TileVerdict = 'whole' | DamageReason;

/** A task of a decoder child and what it gives. */
export interface DecoderTasks {
  readonly compose: { readonly task: ComposeTask; readonly result: Uint8Array };
  readonly shrinkTiles: { readonly task: ShrinkTilesTask; readonly result: readonly Uint8Array[] };
  readonly picture: { readonly task: PictureTask; readonly result: Uint8Array };
  readonly convertBlock: { readonly task: ConvertBlockTask; readonly result: BlockTiles };
  readonly flatten: { readonly task: FlattenTask; readonly result: Flattened };
  readonly verify: { readonly task: VerifyTask; readonly result: readonly TileVerdict[] };
}

/** Any task of a decoder child. */
export type DecoderTask = DecoderTasks[keyof DecoderTasks]['task'];

/**
 * Runs native decoders on untrusted bytes in a child process that may die.
 *
 * A child that dies or exceeds its time or memory rejects its tasks with `damaged` and is replaced.
 */
export interface Decoder {
  compose(task: Omit<ComposeTask, 'task'>, signal?: AbortSignal): Promise<Buffer>;
  /** Complete JPEG files, row by row: a quarter as many as were given. */
  shrinkTiles(task: Omit<ShrinkTilesTask, 'task'>, signal?: AbortSignal): Promise<Buffer[]>;
  picture(task: Omit<PictureTask, 'task'>, signal?: AbortSignal): Promise<Buffer>;
  close(): Promise<void>;
}
