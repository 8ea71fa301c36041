import { useId, useRef, useState } from 'preact/hooks';
import { addFigure, type DraftFigure } from '../api/opinions.ts';
import { Failure, useDoing } from '../frame/form.tsx';
import { formatHash } from '../viewer/deep-link.ts';
import type { DraftStore } from './draft-store.ts';
import { asJpeg } from './figure-picture.ts';

/** Most figures that the service takes. */
const maxFigures = 24;

interface FigureGridProps {
  readonly caseId: string;
  readonly figures: readonly DraftFigure[];
  readonly store: DraftStore;
}

/** The figures of a draft, with captions, in their order. */
export function FigureGrid({ caseId, figures, store }: FigureGridProps) {
  const change = (next: readonly DraftFigure[]) => store.edit((draft) => ({ ...draft, figures: [...next] }));
  const move = (from: number, to: number) => {
    const next = figures.filter((_, i) => i !== from);
    const moved = figures[from];
    if (moved !== undefined) change([...next.slice(0, to), moved, ...next.slice(to)]);
  };
  return (
    <section class="figures" aria-label="Figures">
      <header>
        <h3>Figures</h3>
        <AddPicture caseId={caseId} store={store} isFull={figures.length >= maxFigures} />
      </header>
      {figures.length === 0 && (
        <p class="hint">
          In the viewer choose “Snapshot”, then “Use as figure”: the picture comes here with its scale bar.
        </p>
      )}
      <ol>
        {figures.map((figure, i) => (
          <FigureCard
            key={figure.documentId}
            caseId={caseId}
            figure={figure}
            number={i + 1}
            onCaption={(caption) =>
              change(figures.map((one) => (one === figure ? { ...one, caption } : one)))
            }
            onRemove={() => change(figures.filter((one) => one !== figure))}
            onEarlier={i === 0 ? undefined : () => move(i, i - 1)}
            onLater={i === figures.length - 1 ? undefined : () => move(i, i + 1)}
          />
        ))}
      </ol>
    </section>
  );
}

interface FigureCardProps {
  readonly caseId: string;
  readonly figure: DraftFigure;
  /** From 1. */
  readonly number: number;
  readonly onCaption: (caption: string) => void;
  readonly onRemove: () => void;
  readonly onEarlier: (() => void) | undefined;
  readonly onLater: (() => void) | undefined;
}

function FigureCard(props: FigureCardProps) {
  const { caseId, figure, number, onCaption, onRemove, onEarlier, onLater } = props;
  const id = useId();
  const { documentId, caption, mark } = figure;
  return (
    <li class="figure-card">
      <img
        src={`/cases/${caseId}/documents/${documentId}`}
        alt={caption === '' ? `Figure ${number}` : caption}
      />
      <label for={id}>{`Figure ${number}: caption`}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={2000}
        value={caption}
        onInput={(event) => onCaption(event.currentTarget.value)}
      />
      <div class="figure-actions">
        <button
          type="button"
          disabled={onEarlier === undefined}
          onClick={onEarlier}
          aria-label={`Move figure ${number} up`}
        >
          ↑
        </button>
        <button
          type="button"
          disabled={onLater === undefined}
          onClick={onLater}
          aria-label={`Move figure ${number} down`}
        >
          ↓
        </button>
        {mark !== undefined && (
          <a href={`/view/${mark.slideId}?case=${caseId}${formatHash(mark)}`}>Show on the slide</a>
        )}
        <button type="button" onClick={onRemove} aria-label={`Remove figure ${number}`}>
          Remove
        </button>
      </div>
    </li>
  );
}

/** A picture from a file. */
function AddPicture({
  caseId,
  store,
  isFull,
}: {
  readonly caseId: string;
  readonly store: DraftStore;
  readonly isFull: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  const doing = useDoing();
  const [count, setCount] = useState(0);
  const add = async (file: File) =>
    await doing.run(async () => {
      const documentId = await addFigure(caseId, await asJpeg(file));
      store.edit((draft) => ({ ...draft, figures: [...draft.figures, { documentId, caption: '' }] }));
      // The same file can be chosen again.
      setCount(count + 1);
    });
  return (
    <>
      <input
        key={count}
        ref={input}
        type="file"
        hidden
        accept="image/jpeg,image/png"
        aria-label="Picture file"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) void add(file);
        }}
      />
      <button
        type="button"
        class="secondary"
        disabled={isFull}
        aria-busy={doing.isBusy}
        onClick={() => input.current?.click()}
      >
        Add a picture …
      </button>
      <Failure error={doing.error} />
    </>
  );
}
