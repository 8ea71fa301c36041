import { describe, expect, it } from 'vitest';
import { dueText, turnaroundText, type CaseTimes } from './case-time.ts';

const noon = new Date(2026, 10, 10, 12).getTime();
const at = (hoursAgo: number) => new Date(noon - hoursAgo * 3_600_000).toISOString();

describe('turnaroundText', () => {
  it.each<[CaseTimes, string]>([
    [{ state: 'draft' }, 'not sent yet'],
    [{ state: 'sent', sentAt: at(1), answeredAt: at(25) }, 'waiting for 1 h'],
    [{ state: 'sent', sentAt: at(0) }, 'waiting for 1 min'],
    [{ state: 'sent', sentAt: at(5.2) }, 'waiting for 5 h 12 min'],
    [{ state: 'in-review', sentAt: at(24), dueOn: '2026-11-10' }, 'waiting for 1 day, due today'],
    [{ state: 'sent', sentAt: at(72), dueOn: '2026-11-11' }, 'waiting for 3 days, due tomorrow'],
    [{ state: 'sent', sentAt: at(240), dueOn: '2026-11-01' }, 'waiting for 10 days, 9 days overdue'],
    [{ state: 'answered', sentAt: at(30), answeredAt: at(25) }, 'answered in 5 h'],
    [{ state: 'closed', sentAt: at(30) }, 'closed without an answer'],
  ])('%o is %s', (times, text) => {
    expect(turnaroundText(times, noon)).toBe(text);
  });
});

describe('dueText', () => {
  it.each([
    ['2026-11-09', '1 day overdue'],
    ['2026-11-10', 'due today'],
    ['2026-11-12', 'due in 2 days'],
  ])('%s is %s on 10 November', (day, text) => {
    expect(dueText(day, noon)).toBe(text);
  });
});
