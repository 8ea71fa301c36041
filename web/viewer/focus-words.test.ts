import { describe, expect, it } from 'vitest';
import { offsetText, planeText } from './focus-words.ts';

const stack = { base: 1, planes: [{ offset: -1.25 }, { offset: 0 }, { offset: 1.499_999 }] };

describe('planeText', () => {
  it.each([
    [0, 'Focus −1.25 µm, plane 1 of 3'],
    [1, 'Focus 0 µm, plane 2 of 3'],
    [2, 'Focus +1.5 µm, plane 3 of 3'],
  ])('calls plane %i %j', (plane, text) => {
    expect(planeText(stack, plane)).toBe(text);
  });

  it('counts where the file gives no heights', () => {
    expect(planeText({ base: 0, planes: [{}, {}] }, 1)).toBe('Focus plane 2 of 2');
    expect(offsetText({ base: 0, planes: [{}, {}] }, 1)).toBeUndefined();
  });
});
