import { describe, expect, it } from 'vitest';
import { KeptTiles } from './kept-tiles.ts';

const file = (bytes: number) => new Blob([new Uint8Array(bytes)]);

describe('KeptTiles', () => {
  it('lets the least recently used go when there is no room', () => {
    const kept = new KeptTiles(100);
    kept.keep('a', file(40));
    kept.keep('b', file(40));
    kept.find('a');
    kept.keep('c', file(40));
    expect(['a', 'b', 'c'].map((url) => kept.has(url))).toEqual([true, false, true]);
    expect(kept.bytes).toBe(80);
  });

  it('keeps nothing that is larger than all its room', () => {
    const kept = new KeptTiles(100);
    kept.keep('a', file(101));
    expect([kept.has('a'), kept.bytes]).toEqual([false, 0]);
  });

  it('counts a tile that is kept twice once', () => {
    const kept = new KeptTiles(100);
    kept.keep('a', file(40));
    kept.keep('a', file(50));
    expect(kept.bytes).toBe(50);
    kept.clear();
    expect(kept.bytes).toBe(0);
  });
});
