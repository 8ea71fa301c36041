import { describe, expect, it } from 'vitest';
import { compareAddress, comparedSlides } from './address.ts';

describe('comparedSlides', () => {
  it.each([
    ['', [], undefined],
    ['?slides=', [], undefined],
    ['?slides=a,b', ['a', 'b'], undefined],
    ['?case=9&slides=a,,b,a', ['a', 'b'], '9'],
    ['?slides=a,b,c,d,e', ['a', 'b', 'c', 'd'], undefined],
  ])('%s', (search, ids, caseId) => {
    expect(comparedSlides(search)).toEqual({ ids, caseId });
  });
});

describe('compareAddress', () => {
  it('is read back', () => {
    expect(compareAddress(['a', 'b'])).toBe('/compare?slides=a,b');
    const address = compareAddress(['a', 'b&c'], 'x/y');
    expect(comparedSlides(address.slice(address.indexOf('?')))).toEqual({ ids: ['a', 'b&c'], caseId: 'x/y' });
  });
});
