import { describe, expect, it } from 'vitest';
import { presenceOf } from './presence.ts';

describe('presenceOf', () => {
  const small = { slideLevel: 1, columns: 3, rows: 2 };
  const arriving = [
    { level: 0, columns: 43, rows: 2, cells: `${'f'.repeat(43)}7${'0'.repeat(42)}` },
    { level: 1, columns: 3, rows: 2, cells: 'ff0f00' },
  ];

  it.each([
    [0, 0, 'here'],
    [2, 0, 'missing'],
    [0, 1, 'here'],
    [1, 1, 'missing'],
  ])('tells of tile %i_%i of a small level that it is %s', (column, row, wanted) => {
    expect(presenceOf(arriving, small, column, row)).toBe(wanted);
  });

  it.each([
    [128, 2, 'here'],
    [0, 3, 'partly'],
    [2, 5, 'partly'],
    [3, 3, 'missing'],
  ])('looks up tile %i_%i of 129 × 6 in squares of 3 × 3', (column, row, wanted) => {
    expect(presenceOf(arriving, { slideLevel: 0, columns: 129, rows: 6 }, column, row)).toBe(wanted);
  });

  it('knows nothing of levels that are made, and that all is here when nothing is arriving', () => {
    expect(presenceOf(arriving, { slideLevel: undefined, columns: 9, rows: 9 }, 0, 0)).toBe('unknown');
    expect(presenceOf(undefined, small, 2, 0)).toBe('here');
  });
});
