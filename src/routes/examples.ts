import type { z } from 'zod';
import type { SlideDescription, SlideList } from './schemas.ts';

const organisationId = '0'.repeat(32);
const id = '4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const name = 'CMU-1-Small-Region.svs';
const level = { level: 0, width: 2220, height: 2967, downsample: 1 };
const tiles = { tileWidth: 240, tileHeight: 240, columns: 10, rows: 13 };
const known = {
  size: { width: 2220, height: 2967 },
  mpp: { x: 0.499, y: 0.499 },
  objectivePower: 20,
  vendor: 'Aperio',
};

/** A list of slides, as an example. */
export const slideList: z.infer<typeof SlideList> = {
  slides: [
    {
      id: 'b1d0c6a25f3e4978a6b4e1f7c2039d58',
      name: 'biopsy.tif',
      organisationId,
      state: { kind: 'converting', progress: 0.42 },
      urgent: true,
      addedAt: '2026-11-03T09:12:45.120Z',
      bytes: 913_442_816,
    },
    {
      id,
      name,
      organisationId,
      state: { kind: 'complete' },
      urgent: false,
      addedAt: '2026-11-03T08:30:02.007Z',
      bytes: 1_938_955,
      ...known,
    },
  ],
};

/** A slide's description, as an example. */
export const slideDescription: z.infer<typeof SlideDescription> = {
  id,
  name,
  state: { kind: 'complete' },
  format: 'aperio-svs',
  ...known,
  background: [255, 255, 255],
  levels: [{ ...level, ...tiles, origin: 'scanner' }],
  deepZoom: { tileSize: 240, maxLevel: 12, stored: [8, 9, 10, 11, 12] },
  associated: [{ name: 'macro', width: 1280, height: 431 }],
  icc: true,
};
