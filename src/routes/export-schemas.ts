import { z } from 'zod';
import { idPattern } from '../core/ids.ts';
import { exportFormats, exportHours } from '../ingest/exports/slide-exports.ts';
import { SlideIdParam } from './params.ts';
import { named } from './schemas.ts';

const format = z
  .enum(exportFormats)
  .describe(
    '`szi`: a Deep Zoom pyramid in one zip · `tiff`: a pyramidal BigTIFF with the tiles as they are.',
  );

/** Body of `POST /slides/{id}/exports`. */
export const NewExport = named('NewExport', z.strictObject({ format }).describe('What it is wanted as.'));

/** A slide as a file. */
export const Export = named(
  'Export',
  z
    .strictObject({
      id: z.string().regex(idPattern),
      format,
      state: z
        .enum(['waiting', 'making', 'ready', 'failed'])
        .describe('`ready`: it can be fetched · `failed`: `reason` says why; ask again to try again.'),
      progress: z.number().min(0).max(1).describe('Part that is made, 0–1.'),
      reason: z.string().optional().describe('What was in the way, and what to do.'),
      bytes: z.int().min(0).optional().describe('Of the file, once it is ready.'),
      askedAt: z.iso.datetime(),
      expiresAt: z.iso
        .datetime()
        .optional()
        .describe(`When it is destroyed: ${exportHours} hours after it was ready.`),
    })
    .describe('A slide as a file: being made, or to be fetched for a while.'),
);

/** Answer of `GET /slides/{id}/exports`. */
export const ExportList = named(
  'ExportList',
  z.strictObject({ exports: z.array(Export).describe('Those asked for last first; one of each format.') }),
);

/** Path of one export. */
export const ExportParams = z.object({
  id: SlideIdParam,
  exportId: z.string().regex(idPattern, 'an export id is 32 hexadecimal digits').meta({
    description: 'Id of the export: 32 hexadecimal digits.',
    example: 'c41d7be0923f4f58a6d01e9b7c5528fa',
  }),
});

/** An export, as an example. */
export const exportExample: z.infer<typeof Export> = {
  id: 'c41d7be0923f4f58a6d01e9b7c5528fa',
  format: 'szi',
  state: 'making',
  progress: 0.42,
  askedAt: '2026-11-20T10:12:45.120Z',
};
