import { describe, expect, it } from 'vitest';
import { caseInUrl, caseTitle, spanText, timeText } from './case-words.ts';

describe('spanText', () => {
  it.each([
    [10_000, '1 min'],
    [59 * 60_000, '59 min'],
    [60 * 60_000, '1 h'],
    [312 * 60_000, '5 h 12 min'],
    [24 * 3_600_000, 'a day'],
    [3 * 24 * 3_600_000, '3 days'],
  ])('says %i ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});

describe('timeText', () => {
  const sentAt = '2026-11-03T08:00:00.000Z';
  it('tells since when a case waits, or how long its answer took', () => {
    expect(timeText({ state: 'draft' })).toBe('not sent yet');
    expect(timeText({ state: 'sent', sentAt }, Date.parse('2026-11-03T10:30:00.000Z'))).toBe(
      'waiting for 2 h 30 min',
    );
    const answered = { state: 'answered', sentAt, answeredAt: '2026-11-04T09:00:00.000Z' } as const;
    expect(timeText(answered)).toBe('answered in a day');
    // Asked again: what was answered before does not count.
    expect(timeText({ ...answered, state: 'sent' }, Date.parse('2026-11-03T09:00:00.000Z'))).toBe(
      'waiting for 1 h',
    );
  });
});

describe('caseTitle', () => {
  it('is the number and the pseudonym, as far as there are any', () => {
    expect(caseTitle({ accession: 'S26-1', pseudonym: 'N-118' })).toBe('S26-1 · N-118');
    expect(caseTitle({ accession: '', pseudonym: '' })).toBe('Case without a number');
  });
});

describe('caseInUrl', () => {
  it('is an id, or nothing', () => {
    expect(caseInUrl(`?case=${'a1'.repeat(16)}`)).toBe('a1'.repeat(16));
    expect(caseInUrl('?case=../x')).toBeUndefined();
    expect(caseInUrl('')).toBeUndefined();
  });
});
