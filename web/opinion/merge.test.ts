import { describe, expect, it } from 'vitest';
import type { DraftContent } from '../api/opinions.ts';
import { mergeDrafts } from './merge.ts';

function draft(diagnosis: string, figures: readonly string[], comment = ''): DraftContent {
  const text = { diagnosis, microscopy: '', comment, recommendation: '', agreement: '', agreementReason: '' };
  return {
    text: { ...text, agreement: '' },
    figures: figures.map((documentId) => ({ documentId, caption: '' })),
  };
}

describe('mergeDrafts', () => {
  it('takes from each window what only that one changed', () => {
    const merged = mergeDrafts(draft('a', ['1']), draft('b', ['1']), draft('a', ['1', '2'], 'c'));
    expect(merged).toEqual(draft('b', ['1', '2'], 'c'));
  });

  it('keeps both texts where both changed one', () => {
    const { text } = mergeDrafts(draft('a', []), draft('b', []), draft('c', []));
    expect(text.diagnosis).toBe('b\n\n— From another window: —\nc');
  });

  it('leaves out a figure that either took out', () => {
    expect(mergeDrafts(draft('', ['1', '2']), draft('', ['2']), draft('', ['1']))).toEqual(draft('', []));
  });
});
