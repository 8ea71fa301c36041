import type { Size } from '../core/geometry.ts';
import type { SlideProperties } from '../core/slide.ts';
import type { AssociatedImage } from '../formats/format.ts';

/** One level of a pyramid as byte ranges. */
export interface IndexedLevel {
  /** Pixels of the level, padding of edge tiles not counted. */
  readonly size: Size;
  readonly tileSize: Size;
  /** Grid of the tables below; may be larger than the size needs (padding), never smaller. */
  readonly columns: number;
  readonly rows: number;
  /** 1 for slide level 0, 2, 4, …; not always a whole number. */
  readonly downsample: number;
  /** Which of {@link TileIndex.objects} holds the tiles. */
  readonly object: number;
  /** A tile as a JPEG file of its own is this prefix, then its stored bytes without their first two. */
  readonly prefix: Buffer;
  /** `scanner`: as the file holds them, never encoded again. `converted`: made by this service. */
  readonly origin: 'scanner' | 'converted';
  /** Row-major, columns × rows. */
  readonly offsets: Float64Array;
  /** Bytes as stored; 0 = no tile: show the background. */
  readonly lengths: Uint32Array;
}

/** An object that holds tiles, relative to the slide: `original/0`, `pyramid.tif`. */
export interface IndexedObject {
  readonly name: string;
  readonly size: number;
}

/** A focal plane beside the base plane: cut into levels and tiles exactly as that one is. */
export interface IndexedPlane {
  /** µm from the base plane; absent where the file does not say. */
  readonly offset?: number;
  /** As {@link TileIndex.levels} and {@link TileIndex.made}. */
  readonly levels: readonly IndexedLevel[];
  readonly made: readonly IndexedLevel[];
}

/** A focal stack. Planes are numbered from 0, the least offset first; their numbers stand in URLs. */
export interface FocalStack {
  /** Number of the base plane, whose levels are those of the index itself. */
  readonly base: number;
  /** All other planes, by number. */
  readonly others: readonly IndexedPlane[];
}

/** A pyramid: byte ranges into a few objects, and what is known about the slide. */
export interface TileIndex {
  readonly properties: SlideProperties;
  readonly objects: readonly IndexedObject[];
  /** The slide's levels, fine to coarse. Fixed once published: their numbers stand in URLs. */
  readonly levels: readonly IndexedLevel[];
  /** Further levels of power-of-two downsample, made ahead of time for Deep Zoom; may be empty. */
  readonly made: readonly IndexedLevel[];
  /** Absent where there is one focal plane only. */
  readonly focus?: FocalStack;
  readonly associated: readonly AssociatedImage[];
  readonly icc?: Buffer;
}
