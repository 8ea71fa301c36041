import { z } from 'zod';
import { coverageBands, coverageCells } from '../cases/coverage.ts';
import { named } from './schemas.ts';

/** Longest body of a map: four bands of 128 × 128 cells, half a byte each, in base64, bytes. */
export const maxCoverageBytes = 48_000;

const side = z.int().min(1).max(coverageCells);
const band = z
  .base64()
  .max(11_000)
  .describe(
    'Row by row, four bits a cell, the first in the upper half of a byte; empty: nothing was looked at.',
  );

/** What somebody has looked at of a slide. */
export const CoverageMapJson = named(
  'CoverageMap',
  z
    .strictObject({
      columns: side,
      rows: side,
      bands: z
        .array(band)
        .length(coverageBands.length)
        .describe(`From ${coverageBands.join('×, ')}× up, each to the next.`),
    })
    .describe(
      `How long each part was looked at: a grid over the whole slide, ${coverageCells} cells along its longer side. A value n is some 2^(n/2) − 1 half seconds.`,
    ),
);

/** Answer of `GET /slides/{id}/coverage`. */
export const CoverageState = named(
  'CoverageState',
  z.strictObject({ map: CoverageMapJson.optional().describe('Absent when nothing was kept.') }),
);
