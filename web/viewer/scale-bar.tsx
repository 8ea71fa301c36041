import type { Slide } from '../api.ts';
import type { View } from './deep-link.ts';
import { magnificationText, meanMpp } from './magnification.ts';
import { scaleBarFor } from './scale.ts';

/** The bar that says how large things are, with the magnification and the place of the centre. */
export function ScaleBar({ slide, view }: { slide: Slide; view: View }) {
  const { mpp, objectivePower } = slide;
  const longest = Math.min(160, window.innerWidth * 0.3);
  const bar = mpp === undefined ? undefined : scaleBarFor(meanMpp(mpp) / view.zoom, longest);
  return (
    <div class="scale">
      {bar === undefined ? (
        <p class="scale-unknown">Scale unknown: nothing can be measured</p>
      ) : (
        <div class="scale-bar" role="img" aria-label={`Scale bar: ${bar.label}`} data-label={bar.label}>
          <span>{bar.label}</span>
          <i style={{ width: `${bar.widthPx}px` }} />
        </div>
      )}
      <p class="read-out" data-testid="read-out">
        <b>{magnificationText(view.zoom, mpp)}</b>
        {objectivePower !== undefined && <span>{`scanned at ${objectivePower}×`}</span>}
        <span>{placeText(view, mpp)}</span>
      </p>
    </div>
  );
}

/** Where the centre of the screen is on the slide, from its upper left corner. */
function placeText(view: View, mpp: Slide['mpp']): string {
  if (mpp === undefined) return `${Math.round(view.x)}, ${Math.round(view.y)} px`;
  return `${millimetres(view.x, mpp.x)}, ${millimetres(view.y, mpp.y)} mm`;
}

function millimetres(px: number, micronsPerPx: number): string {
  return ((px * micronsPerPx) / 1000).toFixed(2);
}
