import { useEffect, useState } from 'preact/hooks';
import type { CaseQuery } from '../api/cases.ts';
import { getSavedViews, putSavedViews, type SavedView } from '../api/preferences.ts';
import { Icons } from '../icons.tsx';

/** The views somebody has saved, and how to change them. */
export interface Saved {
  readonly views: readonly SavedView[];
  readonly save: (views: readonly SavedView[]) => void;
}

/** The views of who has signed in, kept with their account. */
export function useSavedViews(): Saved {
  const [views, setViews] = useState<readonly SavedView[]>([]);
  useEffect(() => {
    getSavedViews().then(
      setViews,
      // Without them the list works all the same.
      (error: unknown) => console.warn('saved views were not found', error),
    );
  }, []);
  const save = (next: readonly SavedView[]) => {
    setViews(next);
    putSavedViews(next).catch((error: unknown) => console.warn('views were not saved', error));
  };
  return { views, save };
}

interface SavedViewsProps {
  readonly views: Saved;
  readonly query: CaseQuery;
  readonly onChoose: (query: CaseQuery) => void;
}

/** Buttons for saved views, and for saving what is looked at now. */
export function SavedViews({ views: { views, save }, query, onChoose }: SavedViewsProps) {
  const [name, setName] = useState<string>();
  const isSaved = views.some((view) => JSON.stringify(view.query) === JSON.stringify(query));
  return (
    <div class="chips views" role="group" aria-label="Saved views">
      {views.map((view) => (
        <span key={view.name} class="view">
          <button
            type="button"
            aria-pressed={JSON.stringify(view.query) === JSON.stringify(query)}
            onClick={() => onChoose(view.query)}
          >
            {view.name}
          </button>
          <button
            type="button"
            class="forget"
            aria-label={`Forget the view ${view.name}`}
            title="Forget this view"
            onClick={() => save(views.filter((one) => one !== view))}
          >
            <Icons.Close />
          </button>
        </span>
      ))}
      {name === undefined && !isSaved && views.length < 12 && (
        <button type="button" class="plain" onClick={() => setName('')}>
          Save this view
        </button>
      )}
      {name !== undefined && (
        <form
          class="save-view"
          onSubmit={(event) => {
            event.preventDefault();
            const title = name.trim().slice(0, 40);
            if (title !== '')
              save([
                ...views.filter((one) => one.name !== title),
                { name: title, query: { ...query, states: [...query.states] } },
              ]);
            setName(undefined);
          }}
        >
          <input
            aria-label="Name of the view"
            placeholder="Name of the view"
            maxLength={40}
            value={name}
            ref={(input) => input?.focus()}
            onInput={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && setName(undefined)}
          />
          <button type="submit">Save</button>
        </form>
      )}
    </div>
  );
}
