import { caseBeside } from '../case/viewer-case.tsx';
import { comparing } from '../compare/comparing.tsx';
import { coverage } from '../coverage/coverage-part.tsx';
import { imagePart } from '../image/image-part.ts';
import { drawing, marks } from '../marks/part.tsx';
import { live } from '../live/live-part.tsx';
import { snapshotPart } from '../snapshot/snapshot-part.ts';
import { glass } from '../tray/glass-part.tsx';
import { tray } from '../tray/tray-strip.tsx';
import { focusPart } from './focus-part.tsx';
import { gamepad } from './gamepad-part.ts';
import type { StagePart } from './part.ts';

/** Everything that is plugged into the viewer, in the order of the tool rail. */
export const parts: readonly StagePart[] = [
  // One line each, so that two can be added at once.
  caseBeside,
  drawing,
  marks,
  imagePart,
  snapshotPart,
  comparing,
  coverage,
  live,
  glass,
  tray,
  gamepad,
  focusPart,
];
