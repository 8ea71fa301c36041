import { describe, expect, it } from 'vitest';
import { commandFor, type KeyPress } from './keyboard.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => {
  return { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held };
};

describe('commandFor', () => {
  it.each([
    ['ArrowLeft', { kind: 'pan', right: -0.2, down: 0 }],
    ['ArrowDown', { kind: 'pan', right: 0, down: 0.2 }],
    ['+', { kind: 'zoom', factor: 1.5 }],
    ['=', { kind: 'zoom', factor: 1.5 }],
    ['0', { kind: 'fit' }],
    ['1', { kind: 'step', index: 0 }],
    ['6', { kind: 'step', index: 5 }],
    ['r', { kind: 'rotate', degrees: 90 }],
    ['f', { kind: 'full-screen' }],
    ['n', { kind: 'navigator' }],
    ['i', { kind: 'information' }],
    ['?', { kind: 'help' }],
    ['Escape', { kind: 'back' }],
  ])('%s', (key, command) => {
    expect(commandFor(press(key))).toMatchObject(command);
  });

  it('moves four times as far with Shift', () => {
    expect(commandFor(press('ArrowRight', { shiftKey: true }))).toEqual({ kind: 'pan', right: 0.8, down: 0 });
  });

  it('turns back with Shift, but not with Caps Lock', () => {
    expect(commandFor(press('R', { shiftKey: true }))).toEqual({ kind: 'rotate', degrees: -90 });
    expect(commandFor(press('R'))).toEqual({ kind: 'rotate', degrees: 90 });
  });

  it.each(['7', 'a', 'Enter', 'Tab', 'toString', '__proto__'])('leaves %s to the browser', (key) => {
    expect(commandFor(press(key))).toBeUndefined();
  });

  it('leaves every shortcut of the browser alone', () => {
    for (const held of ['ctrlKey', 'metaKey', 'altKey'])
      expect(commandFor(press('r', { [held]: true }))).toBeUndefined();
  });
});
