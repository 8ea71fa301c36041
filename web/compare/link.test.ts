import { describe, expect, it } from 'vitest';
import { firstSettings, formatLink, parseLink } from './link.ts';
import { unaligned } from './transform.ts';

const shown = { x: 1.23456, y: -0.00001, pxPerMm: 2000.5, degrees: 90 };
const two = [unaligned, { x: 1.25, y: -0.4, degrees: 12.5 }];

describe('formatLink', () => {
  it('is short, without what goes without saying', () => {
    const link = { settings: firstSettings, alignments: [unaligned, unaligned], shown };
    expect(formatLink(link)).toBe('#m=side&x=1.2346&y=0&z=2000.5&r=90');
  });
  it('carries mode, curtain and alignments', () => {
    const settings = { ...firstSettings, mode: 'curtain', curtain: 0.404, pair: [1, 0] } as const;
    expect(formatLink({ settings, alignments: two, shown: undefined })).toBe(
      '#m=curtain&c=40&p=1,0&a=0,0,0~1.25,-0.4,12.5',
    );
  });
});

describe('parseLink', () => {
  it.each([
    { settings: firstSettings, alignments: two, shown: { x: 1.2, y: -3, pxPerMm: 250, degrees: 12.25 } },
    {
      settings: { ...firstSettings, mode: 'flicker', intervalMs: 1000 } as const,
      alignments: two,
      shown: [
        { x: 100, y: 200.5, zoom: 0.25, degrees: 0 },
        { x: 7, y: 8, zoom: 1, degrees: 90 },
      ],
    },
    {
      settings: { ...firstSettings, mode: 'curtain', curtain: 0.3 } as const,
      alignments: [unaligned, unaligned],
      shown: undefined,
    },
  ])('reads what was written', (link) => {
    expect(parseLink(formatLink(link), 2)).toEqual(link);
  });

  const nothing = { settings: firstSettings, alignments: [unaligned, unaligned], shown: undefined };
  it.each([
    '',
    '#',
    '#m=other&c=x&p=0,0&z=-1',
    '#x=1&y=2&z=0',
    '#a=1,2~3,4',
    '#a=1,2,3',
    '#u=1,2,0,0~1,2,1,0',
    '#p=0,2',
    '#p=1,1',
    '#a=1,2,3~1,2,Infinity',
  ])('leaves out what cannot be followed: %s', (hash) => {
    expect(parseLink(hash, 2)).toEqual(nothing);
  });
  it('keeps flicker slow enough for everybody', () => {
    expect(parseLink('#m=flicker&s=50', 2).settings.intervalMs).toBe(350);
    expect(parseLink('#m=flicker&s=99999', 2).settings.intervalMs).toBe(3000);
  });
});
