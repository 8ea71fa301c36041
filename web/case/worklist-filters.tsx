import type { CaseCounts, CaseQuery, CaseState } from '../api/cases.ts';
import { stateNames, stateOrder } from './case-words.ts';

interface FiltersProps {
  readonly query: CaseQuery;
  readonly counts: CaseCounts | undefined;
  readonly onChange: (part: Partial<CaseQuery>) => void;
}

const orders: readonly (readonly [CaseQuery['order'], string])[] = [
  ['newest', 'Newest change first'],
  ['urgent', 'Urgent first'],
  ['due', 'Due day first'],
  ['accession', 'By accession number'],
];

/** Which states, whether urgent or overdue, and in which order. */
export function WorklistFilters({ query, counts, onChange }: FiltersProps) {
  const flip = (state: CaseState) =>
    onChange({
      states: query.states.includes(state)
        ? query.states.filter((one) => one !== state)
        : stateOrder.filter((one) => one === state || query.states.includes(one)),
    });
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label="States">
        {stateOrder.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={query.states.includes(state)}
            onClick={() => flip(state)}
          >
            {stateNames[state]}
          </button>
        ))}
      </div>
      <div class="chips" role="group" aria-label="Only">
        <button type="button" aria-pressed={query.urgent} onClick={() => onChange({ urgent: !query.urgent })}>
          {`Urgent${countText(counts?.urgent)}`}
        </button>
        <button
          type="button"
          aria-pressed={query.overdue}
          onClick={() => onChange({ overdue: !query.overdue })}
        >
          {`Overdue${countText(counts?.overdue)}`}
        </button>
      </div>
      <label class="order">
        <span class="visually-hidden">Order</span>
        <select
          value={query.order}
          onChange={(event) => {
            const chosen = orders.find(([order]) => order === event.currentTarget.value);
            if (chosen !== undefined) onChange({ order: chosen[0] });
          }}
        >
          {orders.map(([order, name]) => (
            <option key={order} value={order}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function countText(count: number | undefined): string {
  return count === undefined || count === 0 ? '' : ` ${count}`;
}
