import { describe, expect, it } from 'vitest';
import { strengthHint } from './new-password.tsx';

describe('strengthHint', () => {
  it.each([
    ['', /^At least 12 characters/],
    ['eleven char', /^1 more character\.$/],
    ['ten chars!', /^2 more characters\.$/],
    ['aaaaaaaaaaaaaaaa', /easy to guess/],
    ['ninety-seven', /^Good/],
    ['quiet orange tractor moon', /^Strong/],
  ])('%s: %s', (password, hint) => {
    expect(strengthHint(password)).toMatch(hint);
  });
});
