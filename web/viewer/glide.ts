import type OpenSeadragon from 'openseadragon';

/** What OpenSeadragon 6.1 moves the middle of the screen with. */
interface Inner {
  readonly centerSpringX: Spring;
  readonly centerSpringY: Spring;
}

interface Spring {
  animationTime: number;
  springStiffness: number;
}

/** A drag that ends faster than this, CSS px in a second, lets the slide glide on. */
export const glideFrom = 150;

/** How long a glide takes, s, and how soon it slows down. */
const seconds = 1.1;
const friction = 5;

/**
 * How far a glide goes, as a part of what its first speed would do in a second: chosen so that it begins exactly as
 * fast as the finger was.
 */
export const glideMomentum = (seconds * (1 - Math.exp(-friction))) / friction;

/**
 * Gives OpenSeadragon's flick the friction of a sheet of glass, and lets a touch stop it. By itself a flick jumps off
 * much faster than the finger was, because its spring is that of zooming.
 */
export function glideAfterDrag(osd: OpenSeadragon.Viewer): void {
  const { viewport } = osd;
  // The types leave the springs out; the browser test fails when a release has none.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const inner = viewport as unknown as Inner;
  const springs = [inner.centerSpringX, inner.centerSpringY];
  const usual = springs.map(({ animationTime, springStiffness }) => ({ animationTime, springStiffness }));
  let isGliding = false;
  const end = () => {
    isGliding = false;
    for (const [i, spring] of springs.entries()) Object.assign(spring, usual[i]);
  };
  osd.addHandler('canvas-drag-end', ({ speed }) => {
    if (speed < glideFrom) return;
    isGliding = true;
    for (const spring of springs)
      Object.assign(spring, { animationTime: seconds, springStiffness: friction });
    // The flick itself follows at once; what is moved later takes its usual time again.
    queueMicrotask(() => {
      for (const [i, spring] of springs.entries())
        Object.assign(spring, { animationTime: usual[i]?.animationTime });
    });
  });
  osd.addHandler('canvas-press', () => {
    if (isGliding) viewport.panTo(viewport.getCenter(true), true);
    end();
  });
  osd.addHandler('animation-finish', end);
}
