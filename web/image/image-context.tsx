import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences.tsx';
import { otherTheme } from '../preferences/theme.ts';
import type { AroundProps } from '../viewer/part.ts';
import { useSlideImage, type SlideImage } from './use-slide-image.ts';

/** The picture of the slide in the viewer, and whether somebody is choosing its white point. */
export interface ImageTools extends SlideImage {
  readonly isPicking: boolean;
  readonly setPicking: (isPicking: boolean) => void;
}

const ImageContext = createContext<ImageTools | undefined>(undefined);

/** The picture of the slide around. @throws outside of a viewer */
export function useImage(): ImageTools {
  const image = useContext(ImageContext);
  if (image === undefined) throw new Error('there is no slide around');
  return image;
}

/** Lends the parts of the viewer what they know of the picture. */
export function ImageAround({ slide, opened, children }: AroundProps) {
  const image = useSlideImage(slide, opened?.viewer.osd);
  const [isPicking, setPicking] = useState(false);
  const tools = { ...image, isPicking, setPicking };
  return <ImageContext.Provider value={tools}>{children}</ImageContext.Provider>;
}

/** Turns the page dark, or light when it is dark. */
export function useNight(): () => void {
  const { change } = usePreferences();
  return () => change({ theme: otherTheme() });
}
