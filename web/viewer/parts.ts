import { comparing } from '../compare/comparing.tsx';
import { imagePart } from '../image/image-part.ts';
import { gamepad } from './gamepad-part.ts';
import type { StagePart } from './part.ts';

/** Everything that is plugged into the viewer, in the order of the tool rail: one line each. */
export const parts: readonly StagePart[] = [imagePart, comparing, gamepad];
