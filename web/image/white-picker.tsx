import type OpenSeadragon from 'openseadragon';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../viewer/use-keys.ts';
import { changed, type Triple } from './triple.ts';
import { useImage } from './image-context.tsx';

/** Glass is light: a colour with less than this in any channel (0–1) is tissue, ink or shadow. */
const darkestGlass = 0.45;

const hint = 'Click on empty glass, or bring it under the cross and press Enter. Esc ends.';

/**
 * Lies over the slide while its white point is chosen. By the keyboard the slide is moved under the cross in the middle,
 * and Enter takes it.
 */
export function WhitePicker({ osd }: { osd: OpenSeadragon.Viewer }) {
  const { layer, setWhite, setPicking } = useImage();
  const [problem, setProblem] = useState<string>();
  const cover = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => cover.current?.focus({ preventScroll: true }), []);
  const take = (x: number, y: number) => {
    const colour = layer?.colourAt(x, y);
    const refused = refusalOf(colour);
    setProblem(refused);
    if (colour === undefined || refused !== undefined) return;
    setWhite(changed(colour, (value) => Math.round(value * 255)));
    setPicking(false);
  };
  useKeys((event) => {
    if (event.key === 'Escape') setPicking(false);
    else if (event.key === 'Enter') take(osd.element.clientWidth / 2, osd.element.clientHeight / 2);
    else return false;
    return true;
  });
  return (
    <div
      ref={cover}
      class="white-picker"
      role="application"
      tabIndex={0}
      aria-label={`White point. ${hint}`}
      data-testid="white-picker"
      onClick={(event) => {
        const box = osd.element.getBoundingClientRect();
        take(event.clientX - box.left, event.clientY - box.top);
      }}
    >
      <p role="status">{problem ?? hint}</p>
    </div>
  );
}

function refusalOf(colour: Triple | undefined): string | undefined {
  if (colour === undefined) return 'There is no slide there. Click on empty glass within it.';
  if (Math.min(...colour) < darkestGlass)
    return 'That is too dark to be glass. Click on an empty, light part.';
  return undefined;
}
