import type { AuditEntry } from '../api/audit.ts';

/** How often slides were opened on each day among the entries shown, as bars; none when that says little. */
export function OpeningsPlot({ entries }: { entries: readonly AuditEntry[] }) {
  const days = openingsPerDay(entries);
  if (days.length < 2) return null;
  const most = Math.max(...days.map(({ count }) => count));
  return (
    <figure class="openings">
      <figcaption>Slides opened per day</figcaption>
      <ol>
        {days.map(({ day, count }) => (
          <li key={day} title={`${day}: ${count}`}>
            <span class="visually-hidden">{`${day}: ${count}`}</span>
            <i style={{ height: `${(100 * count) / Math.max(1, most)}%` }} />
          </li>
        ))}
      </ol>
      <p class="quiet" aria-hidden="true">
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </p>
    </figure>
  );
}

/** Days from the first to the last entry, where the person is, and how many slides were opened on each. */
export function openingsPerDay(
  entries: readonly Pick<AuditEntry, 'at' | 'action' | 'outcome'>[],
): readonly { readonly day: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  const times = entries.map(({ at }) => new Date(at).getTime());
  if (times.length === 0) return [];
  const day = new Date(Math.min(...times));
  day.setHours(12, 0, 0, 0);
  const end = Math.max(...times);
  for (; counts.size < 92; day.setDate(day.getDate() + 1)) {
    counts.set(dayText(day), 0);
    if (dayText(day) === dayText(new Date(end))) break;
  }
  for (const { at, action, outcome } of entries) {
    if (action !== 'slide.open' || outcome !== 'done') continue;
    const key = dayText(new Date(at));
    const count = counts.get(key);
    if (count !== undefined) counts.set(key, count + 1);
  }
  return [...counts].map(([day, count]) => ({ day, count }));
}

function dayText(date: Date): string {
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}
