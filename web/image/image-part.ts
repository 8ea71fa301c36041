import { Icons } from '../icons.tsx';
import type { StagePart } from '../viewer/part.ts';
import { ImageAround } from './image-context.tsx';
import { ImageOverlay } from './image-overlay.tsx';
import { ImagePanel } from './image-panel.tsx';

/** How the slide's picture is shown: adjustments, white point, colour profile, night. */
export const imagePart: StagePart = {
  name: 'image',
  tool: { label: 'Image', key: 'b', Icon: Icons.Image },
  Around: ImageAround,
  Overlay: ImageOverlay,
  Panel: ImagePanel,
  help: [
    [['B'], 'Brightness, contrast, colours'],
    [['O'], 'Hold to see the slide’s own colours'],
    [['W'], 'Choose the white point'],
    [['P'], 'Colour profile on or off'],
    [['D'], 'Night or light page'],
  ],
};
