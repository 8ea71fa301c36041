import type { View } from '../viewer/deep-link.ts';
import type { LookedAt } from './seen-map.ts';

/** A box in the window, CSS px. */
export interface WindowBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * What of the slide can be seen: the stage without the panel that lies over its right side, or its lower part.
 *
 * @param view in the middle of the stage
 */
export function visibleField(view: View, stage: WindowBox, panel: WindowBox | undefined): LookedAt {
  const isBeside = panel !== undefined && panel.left > stage.left + 1;
  const right = isBeside ? Math.min(stage.right, panel.left) : stage.right;
  const bottom = panel !== undefined && !isBeside ? Math.min(stage.bottom, panel.top) : stage.bottom;
  const dx = (right - stage.right) / 2;
  const dy = (bottom - stage.bottom) / 2;
  const radians = (view.degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return {
    x: view.x + (dx * cos + dy * sin) / view.zoom,
    y: view.y + (dy * cos - dx * sin) / view.zoom,
    width: Math.max(0, right - stage.left) / view.zoom,
    height: Math.max(0, bottom - stage.top) / view.zoom,
    degrees: view.degrees,
  };
}
