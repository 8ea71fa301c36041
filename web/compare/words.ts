import type { SlideImage } from '../image/use-slide-image.ts';
import type { Alignment } from './transform.ts';

/** Where a slide was moved and how it was turned, e.g. `1.25 mm right, 0.40 mm up, turned 12.5° clockwise`. */
export function alignmentText({ x, y, degrees }: Alignment, isMeasured: boolean): string {
  const parts = [
    ...wayText(x, 'right', 'left', isMeasured),
    ...wayText(y, 'down', 'up', isMeasured),
    ...turnText(degrees),
  ];
  return parts.length === 0 ? 'not moved' : parts.join(', ');
}

function wayText(mm: number, plus: string, minus: string, isMeasured: boolean): string[] {
  const way = mm > 0 ? plus : minus;
  // A tenth of a µm is less than anybody sees.
  if (Math.abs(mm) < 0.0001) return [];
  if (!isMeasured) return [`moved ${way}`];
  const microns = Math.abs(mm) * 1000;
  return [microns < 100 ? `${Number(microns.toFixed(1))} µm ${way}` : `${Math.abs(mm).toFixed(2)} mm ${way}`];
}

function turnText(degrees: number): string[] {
  if (Math.abs(degrees) < 0.05) return [];
  const direction = degrees > 0 ? 'clockwise' : 'anticlockwise';
  return [`turned ${Number(Math.abs(degrees).toFixed(1))}° ${direction}`];
}

/** How much further apart the marks are on one slide than on the first, when that is worth a word. */
export function stretchText(name: string, stretch: number): string | undefined {
  const percent = Math.round(Math.abs(stretch) * 100);
  if (percent < 1) return undefined;
  return `On ${name} the marks are ${percent} % ${stretch > 0 ? 'further apart' : 'closer together'}: their middle was laid together.`;
}

/** Why two slides may look different though they are not: what was done to the picture; nothing where that is usual. */
export function pictureWords({
  isAdjusted,
  profileUse,
}: Pick<SlideImage, 'isAdjusted' | 'profileUse'>): string | undefined {
  const profile = profileUse === 'off' || profileUse === 'unusable' ? 'colour profile off' : undefined;
  const words = [isAdjusted ? 'image adjusted' : undefined, profile].filter((one) => one !== undefined);
  return words.length === 0 ? undefined : words.join(', ');
}
