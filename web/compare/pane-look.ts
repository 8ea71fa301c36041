import type { Mode, Settings } from './link.ts';

interface PaneSeen {
  /** Position of the slide. */
  readonly n: number;
  readonly mode: Mode;
  readonly settings: Settings;
  /** Position of the slide that flicker shows. */
  readonly shown: number;
  /** Position of the slide that keys move. */
  readonly active: number;
}

/** How a pane is drawn: in its place, cut off at the curtain, or out of sight. */
export function paneLook({ n, mode, settings, shown, active }: PaneSeen): {
  readonly class: string;
  readonly clip?: string;
} {
  const focus = n === active ? ' active' : '';
  if (mode === 'side') return { class: `beside${focus}` };
  if (mode === 'flicker') return { class: n === shown ? `over${focus}` : 'over off' };
  const [left, right] = settings.pair;
  if (n === right) return { class: `over at-right${focus}` };
  if (n !== left) return { class: 'over off' };
  const hidden = (1 - settings.curtain) * 100;
  return { class: `over at-left${focus}`, clip: `inset(0 ${hidden}% 0 0)` };
}
