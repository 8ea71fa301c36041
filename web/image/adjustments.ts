import { changed, type Triple } from './triple.ts';

/** What is done to the picture on the screen; the slide itself never changes. */
export interface Adjustments {
  /** Added to each channel, which reaches from 0 to 1. */
  readonly brightness: number;
  /** Factor around the middle grey. */
  readonly contrast: number;
  /** More than 1 makes middle tones lighter. */
  readonly gamma: number;
  /** 0 is grey, 1 as it is. */
  readonly saturation: number;
}

/** The picture as it is. */
export const unadjusted: Adjustments = { brightness: 0, contrast: 1, gamma: 1, saturation: 1 };

/** Of a change that can be set: its name, and how far it goes. */
export interface Range {
  readonly name: keyof Adjustments;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** What one is told of a value. */
  readonly text: (value: number) => string;
}

const percent = (value: number) => `${Math.round(value * 100)} %`;

/** All changes that can be set, in the order in which they are made. */
export const ranges: readonly Range[] = [
  {
    name: 'brightness',
    label: 'Brightness',
    min: -0.5,
    max: 0.5,
    step: 0.01,
    text: (value) => `${value > 0 ? '+' : ''}${Math.round(value * 100)} %`.replace('-', '−'),
  },
  { name: 'contrast', label: 'Contrast', min: 0.5, max: 2, step: 0.01, text: percent },
  { name: 'gamma', label: 'Gamma', min: 0.4, max: 2.5, step: 0.05, text: (value) => value.toFixed(2) },
  { name: 'saturation', label: 'Saturation', min: 0, max: 2, step: 0.01, text: percent },
];

/** How much of each channel the eye takes for light. */
export const luminance: Triple = [0.2126, 0.7152, 0.0722];

/** Whether nothing is changed. */
export function isUnadjusted(adjustments: Adjustments): boolean {
  return ranges.every(({ name }) => adjustments[name] === unadjusted[name]);
}

/**
 * A colour with the adjustments made, 0–1: the same as in shader.ts.
 *
 * @param white colour that becomes white; absent: nothing does
 */
export function adjusted(
  rgb: Triple,
  { brightness, contrast, gamma, saturation }: Adjustments,
  white?: Triple,
): Triple {
  const [r, g, b] = changed(rgb, (value, i) => {
    const whitened = value * gainOf(white?.[i]);
    return held((whitened - 0.5) * contrast + 0.5 + brightness) ** (1 / gamma);
  });
  const light = r * luminance[0] + g * luminance[1] + b * luminance[2];
  const saturated = (value: number) => held(light + (value - light) * saturation);
  return [saturated(r), saturated(g), saturated(b)];
}

/** Factor that makes a channel's value white. */
export function gainOf(white = 1): number {
  return 1 / Math.max(white, 1 / 255);
}

function held(value: number): number {
  return Math.min(1, Math.max(0, value));
}
