import { useState } from 'preact/hooks';
import type { PutSlide } from './use-slide-list.ts';

interface SlideFieldsProps {
  readonly name: string;
  readonly slides: readonly PutSlide[];
  readonly at: number;
  readonly onChange: (how: (now: readonly PutSlide[]) => readonly PutSlide[]) => void;
}

/** Block and stain of a slide, its place among the others, and the way out. */
export function SlideFields({ name, slides, at, onChange }: SlideFieldsProps) {
  const slide = slides[at];
  if (slide === undefined) return null;
  const { id } = slide;
  const put = (part: { readonly block?: string; readonly stain?: string }) =>
    onChange((now) => now.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const swap = (by: 1 | -1) =>
    onChange((now) => {
      const from = now.findIndex((one) => one.id === id);
      const others = now.filter((one) => one.id !== id);
      return [...others.slice(0, from + by), slide, ...others.slice(from + by)];
    });
  const title = `slide ${at + 1}`;
  return (
    <div class="slide-fields">
      <p class="quiet file" title={name}>
        {name}
      </p>
      <div class="pair">
        <Word
          label={`Block of ${title}`}
          hint="Block"
          value={slide.block}
          onChange={(block) => put({ block })}
        />
        <Word
          label={`Stain of ${title}`}
          hint="Stain"
          value={slide.stain}
          onChange={(stain) => put({ stain })}
        />
      </div>
      <div class="slide-moves">
        <button type="button" aria-label={`Earlier: ${title}`} disabled={at === 0} onClick={() => swap(-1)}>
          ←
        </button>
        <button
          type="button"
          aria-label={`Later: ${title}`}
          disabled={at === slides.length - 1}
          onClick={() => swap(1)}
        >
          →
        </button>
        <button
          type="button"
          class="plain"
          aria-label={`Take out ${title}`}
          onClick={() => onChange((now) => now.filter((one) => one.id !== id))}
        >
          Take out
        </button>
      </div>
    </div>
  );
}

interface WordProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A word that counts once it is left; what is being typed stays, whatever is drawn anew meanwhile. */
function Word({ label, hint, value, onChange }: WordProps) {
  const [typed, setTyped] = useState<string>();
  const leave = () => {
    if (typed !== undefined && typed.trim() !== value) onChange(typed.trim());
    setTyped(undefined);
  };
  return (
    <input
      aria-label={label}
      placeholder={hint}
      maxLength={100}
      value={typed ?? value}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === 'Enter' && leave()}
    />
  );
}
