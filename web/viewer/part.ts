import type { ComponentChildren, ComponentType } from 'preact';
import type { Slide } from '../api.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';

/** What a part of the viewer is given whenever it is drawn. */
export interface PartProps {
  readonly slide: Slide;
  readonly opened: OpenedSlide;
  /** Whether this part's panel is the open one. */
  readonly isOpen: boolean;
  /** Opens this part's panel, closing any other, or closes it. */
  readonly onToggle: () => void;
}

/** What is wrapped around all that a part draws, so that its pieces share what they know by a context. */
export interface AroundProps {
  readonly slide: Slide;
  /** Undefined until the slide is open. */
  readonly opened: OpenedSlide | undefined;
  readonly children: ComponentChildren;
}

/**
 * Something that is plugged into the viewer: the list is in parts.ts. Each piece may be left out.
 *
 * Keys of a part are read with `useKeys` in any of its components; whoever came last is asked first.
 */
export interface StagePart {
  /** Names it among the parts, and its panel. */
  readonly name: string;
  /** Whether it is there at all, e.g. only where a slide is looked at as part of a case; default: always. */
  readonly isOffered?: () => boolean;
  /** A button of the tool rail that opens the panel. `key` opens it too: one letter, lower case. */
  readonly tool?: { readonly label: string; readonly key?: string; readonly Icon: ComponentType };
  /** What stands in the tool rail instead, where opening a panel is not it. */
  readonly Tool?: ComponentType<PartProps>;
  /** At the right side (below on narrow screens) while it is open: an `<aside class="panel">`, see side-panel.tsx. */
  readonly Panel?: ComponentType<PartProps>;
  /** Always there, over the slide: shapes, legends, or nothing but hooks. */
  readonly Overlay?: ComponentType<PartProps>;
  /** Always there, below the slide and above the tool bar, over the whole width. */
  readonly Strip?: ComponentType<PartProps>;
  readonly Around?: ComponentType<AroundProps>;
  /** Its keys, as the help lists them. */
  readonly help?: readonly (readonly [keys: readonly string[], does: string])[];
}
