import type { AuditFilter } from '../api/audit.ts';
import type { Person } from '../api/people.ts';
import { SearchField } from '../frame/search-field.tsx';

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly people: readonly Person[];
  readonly onChange: (filter: AuditFilter) => void;
}

const kinds: readonly (readonly [string, string])[] = [
  ['slide.open', 'slides opened'],
  ['slide.label', 'labels looked at'],
  ['slide.add', 'slides added'],
  ['slide.share', 'slides shared'],
  ['slide.link', 'links made'],
  ['slide.delete', 'slides deleted'],
  ['slide.restore', 'slides restored'],
  ['slide.purge', 'slides destroyed'],
  ['slide.export', 'slides exported'],
  ['session.start', 'sign-ins'],
  ['people.add', 'accounts added'],
  ['people.change', 'accounts changed'],
  ['audit.export', 'audit exported'],
];

/** What of the audit is shown. */
export function AuditFilters({ filter, people, onChange }: AuditFiltersProps) {
  const set = (change: Partial<AuditFilter>) => onChange({ ...filter, ...change });
  return (
    <div class="audit-filters" role="search" aria-label="Audit">
      <SearchField label="Search the audit" value={filter.text} onChange={(text) => set({ text })} />
      <label>
        What
        <select value={filter.action} onChange={(event) => set({ action: event.currentTarget.value })}>
          <option value="">everything</option>
          {kinds.map(([action, words]) => (
            <option key={action} value={action}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        Who
        <select value={filter.account} onChange={(event) => set({ account: event.currentTarget.value })}>
          <option value="">everybody</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Day label="From" value={filter.from} onChange={(from) => set({ from })} />
      <Day label="To" value={filter.until} onChange={(until) => set({ until })} />
    </div>
  );
}

function Day({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <label>
      {label}
      <input type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}
