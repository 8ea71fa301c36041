import { describe, expect, it } from 'vitest';
import { caseInUrl, caseTitle } from './case-words.ts';

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
