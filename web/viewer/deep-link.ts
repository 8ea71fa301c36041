/** What part of a slide is looked at; what a link to it carries. */
export interface View {
  /** Centre, px of slide level 0. */
  readonly x: number;
  readonly y: number;
  /** CSS px per px of slide level 0. */
  readonly zoom: number;
  /** Clockwise, 0 ≤ degrees < 360. */
  readonly degrees: number;
  /** Number of the focal plane, where the slide has several; absent: whichever is shown. */
  readonly plane?: number | undefined;
}

const plainNumber = /^-?\d{1,9}(\.\d{1,9})?$/;

/** The hash part of a link, e.g. `#x=1200&y=3400.5&z=0.5&r=90`, with `&f=2` for a focal plane. */
export function formatHash(view: View): string {
  const { x, y, zoom, degrees, plane } = view;
  // Half a screen pixel is finer than anyone can aim: more digits would only make the link longer.
  const decimals = zoom > 0.5 ? 1 : 0;
  const parts = [
    `x=${Number(x.toFixed(decimals))}`,
    `y=${Number(y.toFixed(decimals))}`,
    `z=${Number(zoom.toFixed(6))}`,
    `r=${Number(normalDegrees(degrees).toFixed(1)) % 360}`,
    ...(plane === undefined ? [] : [`f=${plane}`]),
  ];
  return `#${parts.join('&')}`;
}

/**
 * The view that a link's hash names; `r` and `f` may be left out.
 *
 * @returns undefined when the hash names none, or not one that could be shown: people edit links by hand
 */
export function parseHash(hash: string): View | undefined {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const x = number(params.get('x'));
  const y = number(params.get('y'));
  const zoom = number(params.get('z'));
  const degrees = number(params.get('r') ?? '0');
  if (x === undefined || y === undefined || zoom === undefined || degrees === undefined) return undefined;
  if (zoom <= 0) return undefined;
  const plane = params.get('f') ?? '';
  const focus = /^\d{1,2}$/.test(plane) ? { plane: Number(plane) } : {};
  return { x, y, zoom, degrees: normalDegrees(degrees), ...focus };
}

/** The same direction as an angle from 0 up to, not including, 360. */
export function normalDegrees(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

function number(text: string | null): number | undefined {
  return text !== null && plainNumber.test(text) ? Number(text) : undefined;
}
