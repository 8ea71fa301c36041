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
        <input
          aria-label={`Block of ${title}`}
          placeholder="Block"
          maxLength={100}
          value={slide.block}
          onChange={(event) => put({ block: event.currentTarget.value.trim() })}
        />
        <input
          aria-label={`Stain of ${title}`}
          placeholder="Stain"
          maxLength={100}
          value={slide.stain}
          onChange={(event) => put({ stain: event.currentTarget.value.trim() })}
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
