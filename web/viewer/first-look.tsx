import { useState } from 'preact/hooks';
import { thumbnailUrl, type Slide } from '../api.ts';
import { parseHash, type View } from './deep-link.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';

/** Width of the picture that the list of slides shows too, so that it is in the browser's memory already, px. */
export const firstLookWidth = 512;

/**
 * The slide's small picture below the tiles, at the place and size of what is looked at, until the coarsest level is
 * there: that one stays for as long as the slide is open, so that no part of it is ever blank.
 */
export function FirstLook({ slide, opened }: { slide: Slide; opened: OpenedSlide | undefined }) {
  const [isMissing, setMissing] = useState(false);
  if (isMissing || opened?.shown.hasCoarsest === true) return null;
  const view = opened?.shown.view ?? parseHash(location.hash);
  return (
    <img
      class={view === undefined ? 'first-look whole' : 'first-look'}
      src={thumbnailUrl(slide.id, firstLookWidth)}
      alt=""
      style={view === undefined ? {} : placeOn(slide.size, view)}
      onError={() => setMissing(true)}
    />
  );
}

/** Where the whole slide lies when `view` is in the middle of the stage. */
function placeOn({ width, height }: { width: number; height: number }, view: View) {
  const { x, y, zoom, degrees } = view;
  const ratio = firstLookWidth / width;
  return {
    width: `${firstLookWidth}px`,
    height: `${height * ratio}px`,
    transform: `rotate(${degrees}deg) scale(${zoom / ratio}) translate(${-x * ratio}px, ${-y * ratio}px)`,
  };
}
