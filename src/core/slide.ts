import type { Size } from './geometry.ts';

/** Red, green, blue, 0–255. */
export type Rgb = readonly [number, number, number];

/** µm per pixel of slide level 0. */
export interface Mpp {
  readonly x: number;
  readonly y: number;
}

/** The allow-list of what is known about a slide: nothing here can name a patient. */
export interface SlideProperties {
  /** The format's name in the registry, e.g. `aperio-svs`. */
  readonly format: string;
  /** Who made the scanner or the file, e.g. `Aperio`, `Philips`, `generic`. */
  readonly vendor: string;
  /** Size of slide level 0, px. */
  readonly size: Size;
  /** Absent when the file does not say, or says something impossible. */
  readonly mpp?: Mpp;
  /** E.g. 20 or 40. */
  readonly objectivePower?: number;
  /** What is shown where nothing was scanned. */
  readonly background: Rgb;
}

/** Whether a number can be a scanner's µm per pixel: between 0.01 (oil immersion) and 1,000 (a photo of a glass). */
export function isPlausibleMpp(value: number): boolean {
  return Number.isFinite(value) && value >= 0.01 && value <= 1000;
}

/** 128 random bits in hexadecimal; never used twice, so all that is served below it is immutable. */
export type SlideId = string;

/** How a slide id is spelled. */
export const slideIdPattern: RegExp = /^[0-9a-f]{32}$/;
