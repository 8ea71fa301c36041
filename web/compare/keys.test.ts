import { describe, expect, it } from 'vitest';
import { compareCommandFor, compareKeyHelp } from './keys.ts';

const press = (key: string, held: Partial<Record<'shiftKey' | 'ctrlKey', boolean>> = {}) =>
  compareCommandFor({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });

describe('compareCommandFor', () => {
  it.each([
    ['v', { kind: 'next-mode' }],
    ['V', { kind: 'next-mode' }],
    ['l', { kind: 'link' }],
    [' ', { kind: 'flick' }],
    ['a', { kind: 'nudge', right: -1, down: 0 }],
    ['e', { kind: 'turn-alone', degrees: 0.5 }],
    [']', { kind: 'curtain', by: 0.05 }],
  ])('%s is its own', (key, command) => {
    expect(press(key)).toEqual(command);
  });

  it('goes ten times as far with Shift', () => {
    expect(press('S', { shiftKey: true })).toEqual({ kind: 'nudge', right: 0, down: 10 });
    expect(press('Q', { shiftKey: true })).toEqual({ kind: 'turn-alone', degrees: -5 });
  });

  it('leaves the others to the viewer, and the browser its own', () => {
    expect(press('3')).toEqual({ kind: 'step', index: 2 });
    expect(press('r')).toEqual({ kind: 'rotate', degrees: 90 });
    expect(press('a', { ctrlKey: true })).toBeUndefined();
    expect(press('Tab')).toBeUndefined();
  });

  it('lists each thing once', () => {
    const does = compareKeyHelp.map(([, does]) => does);
    expect(new Set(does).size).toBe(does.length);
  });
});
