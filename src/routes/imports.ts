import { z } from 'zod';
import type { ImportRuns } from '../ingest/imports/import-runs.ts';
import { json, made } from './answers.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { named } from './schemas.ts';
import { senderOf } from './uploads.ts';

const count = z.int().min(0);

const ImportWanted = named(
  'ImportWanted',
  z
    .strictObject({
      from: z
        .string()
        .min(1)
        .max(4096)
        .describe('A file or folder of the service’s machine, or s3://bucket/prefix.'),
      pictures: z.boolean().optional().describe('Whether JPEG and PNG pictures are taken for slides, too.'),
    })
    .describe('What is to be imported where it lies.'),
);

const ImportAnswer = named(
  'Import',
  z
    .strictObject({
      id: z.string().describe('32 hexadecimal digits.'),
      from: z.string(),
      state: z.enum(['running', 'done', 'failed']),
      reason: z.string().optional().describe('Why it failed, and what to do.'),
      found: count.describe('Files that were found up to now.'),
      registered: count.describe('Slides made.'),
      known: count.describe('Slides that were there already.'),
      refused: count.describe('Files that are no slides, or could not be read.'),
      refusals: z
        .array(z.strictObject({ name: z.string(), reason: z.string() }))
        .describe('The first hundred of them.'),
      startedAt: z.iso.datetime(),
      finishedAt: z.iso.datetime().optional(),
    })
    .describe('An import in place, and how far it is.'),
);

const ImportList = named(
  'ImportList',
  z.strictObject({ imports: z.array(ImportAnswer).describe('The last fifty, newest first.') }),
);

const example: z.infer<typeof ImportAnswer> = {
  id: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
  from: '/mnt/archive/2025',
  state: 'running',
  found: 640,
  registered: 512,
  known: 0,
  refused: 1,
  refusals: [{ name: 'notes.txt', reason: 'none of the formats read here' }],
  startedAt: '2026-11-03T09:12:45.120Z',
};
const unavailable = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

/** Slides made of files that stay where they are. */
export function importRoutes(runs: ImportRuns): readonly Route[] {
  const common = {
    topic: 'Uploads',
    path: '/imports',
    action: 'import.add',
    params: NoParams,
    query: NoParams,
  } as const;
  return [
    route({
      ...common,
      name: 'startImport',
      method: 'post',
      summary: 'Makes slides of files that stay where they are',
      description:
        'Of a folder or a part of a bucket that the operator has named for your organisation. No byte is copied. What has a slide already is passed over.',
      json: ImportWanted,
      answer: made(ImportAnswer, { description: 'It is under way.', example }),
      fails: {
        invalid: 'from: Invalid input: expected string, received undefined',
        forbidden:
          '/etc: your organisation may not import from there; ask the operator to name it in TELEPATH_IMPORT_FROM',
        unavailable,
      },
      respond: async ({ body: { from, pictures = false }, principal }) =>
        describeRun(await runs.start({ from, takesPictures: pictures, ...senderOf(principal) })),
    }),
    route({
      ...common,
      name: 'listImports',
      method: 'get',
      summary: 'Imports of your organisation, and how far they are',
      answer: json(ImportList, {
        description: 'The imports.',
        cache: 'no-store',
        example: { imports: [example] },
      }),
      fails: { unavailable },
      respond: async ({ principal }) => {
        const all = await runs.list(senderOf(principal).organisationId);
        return { imports: all.map(describeRun) };
      },
    }),
  ];
}

function describeRun({
  progress,
  ...run
}: Awaited<ReturnType<ImportRuns['start']>>): z.infer<typeof ImportAnswer> {
  return { ...run, ...progress, refusals: [...progress.refusals] };
}
