import type { PartProps, StagePart } from './part.ts';
import { useGamepad } from './use-gamepad.ts';

/** Game controllers, plugged into the viewer: nothing is drawn. */
export const gamepad: StagePart = { name: 'gamepad', Overlay: GamepadReader };

function GamepadReader({ slide, opened }: PartProps): null {
  useGamepad(slide, opened);
  return null;
}
