import { describe, expect, it } from 'vitest';
import { openingsPerDay } from './openings-plot.tsx';

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();
const opened = (day: number, hour: number) =>
  ({ at: at(day, hour), action: 'slide.open', outcome: 'done' }) as const;

describe('openingsPerDay', () => {
  it('counts what was opened on each day, and has the days between', () => {
    const entries = [
      opened(24, 9),
      { ...opened(24, 8), outcome: 'refused' as const },
      opened(22, 23),
      opened(22, 0),
      { at: at(21, 12), action: 'session.start', outcome: 'done' as const },
    ];
    expect(openingsPerDay(entries).map(({ count }) => count)).toEqual([0, 2, 0, 1]);
  });

  it('has no days without entries', () => {
    expect(openingsPerDay([])).toEqual([]);
  });

  it('ends after 92 days', () => {
    expect(openingsPerDay([opened(24, 9), { ...opened(1, 0), at: '2025-01-01T10:00:00Z' }])).toHaveLength(92);
  });
});
