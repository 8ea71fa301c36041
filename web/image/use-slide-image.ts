import type OpenSeadragon from 'openseadragon';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { usePreferences } from '../preferences/preferences.tsx';
import { isUnadjusted, unadjusted, type Adjustments } from './adjustments.ts';
import type { Look } from './colour-change.ts';
import { changed, perChannel, type Triple } from './triple.ts';
import { attachImageLayer, shownColour, type ImageLayer } from './image-layer.ts';
import { useProfile, type Profile } from './use-profile.ts';

/** What became of a slide's colour profile. */
export type ProfileUse = 'applied' | 'off' | 'missing' | 'loading' | 'unusable';

/** How a slide's picture is shown, and how to change that. */
export interface SlideImage {
  readonly adjustments: Adjustments;
  /** The slide's own colour that is shown white, 1–255 each. */
  readonly white: Triple | undefined;
  readonly profile: Profile;
  readonly profileUse: ProfileUse;
  /** Whether the picture on the screen is not as the scanner (and its profile) tell. */
  readonly isAdjusted: boolean;
  /** Whether the slide's own pixels are shown for as long as somebody holds a key. */
  readonly isOriginalHeld: boolean;
  /** What the glass around the scanned area looks like, in CSS. */
  readonly background: string;
  /** Undefined until the viewer is there. */
  readonly layer: ImageLayer | undefined;
  readonly adjust: (change: Partial<Adjustments>) => void;
  readonly setWhite: (rgb: Triple | undefined) => void;
  readonly setProfileOn: (isOn: boolean) => void;
  readonly holdOriginal: (isHeld: boolean) => void;
  /** Takes all adjustments and the white point back. */
  readonly reset: () => void;
}

/** Slides whose white point is remembered. */
const mostWhitePoints = 32;

/**
 * Shows a slide in `viewer` (any OpenSeadragon viewer) as its reader likes it: adjustments, white point, colour profile.
 *
 * Adjustments are the reader's, for all slides; the white point is the slide's.
 */
export function useSlideImage(
  slide: Pick<Slide, 'id' | 'icc' | 'background'>,
  viewer: OpenSeadragon.Viewer | undefined,
): SlideImage {
  const { viewer: chosen, change } = usePreferences();
  const profile = useProfile(slide);
  const [isOriginalHeld, setHeld] = useState(false);
  const adjustments = chosen.adjustments ?? unadjusted;
  const whitePoints = chosen.whitePoints ?? [];
  const white = whitePoints.find((point) => point.slide === slide.id)?.rgb;
  const isOn = chosen.icc ?? true;
  const cube = isOn && profile.kind === 'ready' ? profile.cube : undefined;
  const look = useMemo<Look>(
    () =>
      isOriginalHeld ? { adjustments: unadjusted } : { adjustments, white: white && share(white), cube },
    [isOriginalHeld, adjustments, white?.join(), cube],
  );
  const background = cssColour(shownColour(share(slide.background), look));
  const layer = useLayer(viewer, look, background);
  return {
    adjustments,
    white,
    profile,
    profileUse: profile.kind === 'ready' ? (isOn && !isOriginalHeld ? 'applied' : 'off') : profile.kind,
    isAdjusted: !isUnadjusted(adjustments) || white !== undefined,
    isOriginalHeld,
    background,
    layer,
    adjust: (some) => change({ adjustments: { ...adjustments, ...some } }),
    setWhite: (rgb) => {
      const others = whitePoints.filter((point) => point.slide !== slide.id);
      const own = rgb === undefined ? [] : [{ slide: slide.id, rgb: perChannel((i) => rgb[i]) }];
      change({ whitePoints: [...own, ...others].slice(0, mostWhitePoints) });
    },
    setProfileOn: (icc) => change({ icc }),
    holdOriginal: setHeld,
    reset: () =>
      change({
        adjustments: unadjusted,
        whitePoints: whitePoints.filter((point) => point.slide !== slide.id),
      }),
  };
}

function useLayer(viewer: OpenSeadragon.Viewer | undefined, look: Look, background: string) {
  const [layer, setLayer] = useState<ImageLayer>();
  useEffect(() => {
    if (viewer === undefined) return undefined;
    const attached = attachImageLayer(viewer);
    setLayer(attached);
    return () => {
      setLayer(undefined);
      attached.destroy();
    };
  }, [viewer]);
  useEffect(() => {
    layer?.show(look);
    // The glass around the scanned area is shown like the glass within it.
    if (viewer !== undefined) viewer.element.style.backgroundColor = background;
  }, [viewer, layer, look, background]);
  return layer;
}

/** A colour of 0–255 as one of 0–1. */
export function share(rgb: Triple): Triple {
  return changed(rgb, (value) => value / 255);
}

/** A colour of 0–1 as CSS writes it. */
export function cssColour(rgb: Triple): string {
  return `rgb(${rgb.map((value) => Math.round(value * 255)).join(' ')})`;
}
