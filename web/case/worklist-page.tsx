import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import {
  addCase,
  countCases,
  listCases,
  type CaseCounts,
  type CaseQuery,
  type ListedCase,
} from '../api/cases.ts';
import { apiError, isAborted, type ApiError } from '../api/request.ts';
import { ImportCase } from '../capsule/import-case.tsx';
import { Nothing, Trouble, useAsked } from '../frame/answer.tsx';
import { Page } from '../frame/frame.tsx';
import { goTo } from '../frame/router.ts';
import { SearchField } from '../frame/search-field.tsx';
import { useToast } from '../frame/toast.tsx';
import { CaseRow } from './case-row.tsx';
import { WorklistFilters } from './worklist-filters.tsx';
import { SavedViews, useSavedViews } from './saved-views.tsx';
import '../styles/case.css';

/** What a list shows at first. */
export const firstQuery: CaseQuery = {
  box: 'all',
  order: 'newest',
  states: ['draft', 'sent', 'in-review', 'answered'],
  urgent: false,
  overdue: false,
  text: '',
};

/** Cases of one's laboratory, and those one is asked about. */
export default function WorklistPage() {
  const [query, setQuery] = useState<CaseQuery>(firstQuery);
  const counts = useAsked(countCases);
  const found = useCases(query);
  const views = useSavedViews();
  const begin = useBeginning();
  const change = (part: Partial<CaseQuery>) => setQuery((now) => ({ ...now, ...part }));
  useRowKeys(found.cases);
  const actions = (
    <>
      <SearchField label="Search cases" value={query.text} onChange={(text) => change({ text })} />
      <ImportCase />
      <button type="button" class="primary" onClick={() => void begin()}>
        New case
      </button>
    </>
  );
  return (
    <Page title="Cases" actions={actions} isBusy={found.cases === undefined}>
      <Boxes query={query} counts={counts.value} onChange={change} />
      <WorklistFilters query={query} counts={counts.value} onChange={change} />
      <SavedViews views={views} query={query} onChoose={setQuery} />
      {found.error !== undefined && <Trouble error={found.error} what="the cases" onRetry={found.refresh} />}
      <FoundCases found={found} query={query} />
    </Page>
  );
}

/** Begins a draft, and opens it. */
function useBeginning(): () => Promise<void> {
  const toast = useToast();
  return async () => {
    try {
      goTo(`/case/${(await addCase({})).id}`);
    } catch (error) {
      toast({ text: apiError(error).message });
    }
  };
}

interface BoxesProps {
  readonly query: CaseQuery;
  readonly counts: CaseCounts | undefined;
  readonly onChange: (part: Partial<CaseQuery>) => void;
}

function Boxes({ query, counts, onChange }: BoxesProps) {
  const boxes = [
    ['all', 'All cases', undefined],
    ['asked', 'Asked of you', counts?.asked],
    ['lab', 'Your laboratory’s', counts?.lab],
  ] as const;
  return (
    <div class="boxes" role="group" aria-label="Which cases">
      {boxes.map(([box, name, count]) => (
        <button key={box} type="button" aria-pressed={query.box === box} onClick={() => onChange({ box })}>
          {name}
          {count !== undefined && count > 0 && <span class="count">{count}</span>}
        </button>
      ))}
    </div>
  );
}

interface Found {
  readonly cases: readonly ListedCase[] | undefined;
  readonly next: string | undefined;
  readonly error: ApiError | undefined;
  readonly refresh: () => void;
  readonly more: () => void;
}

/** How often the list is looked at anew, ms. */
const againMs = 20_000;

/** The cases that are looked for: asked a moment after the last letter, and looked at anew now and then. */
function useCases(query: CaseQuery): Found {
  const [state, setState] = useState<Pick<Found, 'cases' | 'next'>>({ cases: undefined, next: undefined });
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const isLong = (state.cases?.length ?? 0) > 50;
  useEffect(() => {
    const gone = new AbortController();
    const look = async () => {
      try {
        const { cases, next } = await listCases(query, undefined, gone.signal);
        setState({ cases, next });
        setError(undefined);
      } catch (failure) {
        if (!isAborted(failure)) setError(apiError(failure));
      }
    };
    const wait = setTimeout(() => void look(), state.cases === undefined ? 0 : 150);
    // Of a long list the first page alone would take the others away.
    const again = isLong ? undefined : setInterval(() => void look(), againMs);
    return () => {
      gone.abort();
      clearTimeout(wait);
      clearInterval(again);
    };
  }, [query, round, isLong]);
  const more = () => {
    if (state.next === undefined) return;
    listCases(query, state.next).then(
      ({ cases, next }) => setState((now) => ({ cases: [...(now.cases ?? []), ...cases], next })),
      (failure: unknown) => setError(apiError(failure)),
    );
  };
  return { ...state, error, refresh, more };
}

function FoundCases({ found, query }: { found: Found; query: CaseQuery }) {
  if (found.cases === undefined)
    return found.error === undefined ? (
      <div class="loading" role="status" aria-label="Loading the cases">
        <i />
        <i />
        <i />
      </div>
    ) : null;
  if (found.cases.length === 0) return <NoCases query={query} />;
  return (
    <>
      <ul class="rows cases" aria-label="Cases">
        {found.cases.map((one) => (
          <CaseRow key={one.id} found={one} />
        ))}
      </ul>
      {found.next !== undefined && (
        <button type="button" class="secondary more" onClick={found.more}>
          Show more
        </button>
      )}
    </>
  );
}

function NoCases({ query }: { query: CaseQuery }) {
  const isNarrow = query.text !== '' || query.urgent || query.overdue || query.box !== 'all';
  if (isNarrow) return <Nothing title="No case matches">Take a filter away, or look at all cases.</Nothing>;
  return (
    <Nothing title="No cases yet">
      Choose “New case” to ask for a second opinion: put in the slides, write the question, and send it to a
      colleague, another organisation, or by a link.
    </Nothing>
  );
}

/** J and K, or the arrows, go from case to case; Enter opens. */
function useRowKeys(cases: readonly ListedCase[] | undefined): void {
  const count = useRef(0);
  count.current = cases?.length ?? 0;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [role=menu]'))
        return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (step === undefined || count.current === 0) return;
      const rows = [...document.querySelectorAll<HTMLElement>('.cases .case-link')];
      const now = rows.findIndex((row) => row === document.activeElement);
      event.preventDefault();
      rows[Math.max(0, Math.min(rows.length - 1, now + step))]?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
