import { z } from 'zod';
import { maxFiles } from '../ingest/file-list.ts';
import { named } from './schemas.ts';

const idPattern = /^[0-9a-f]{32}$/;
const bytes = z.int().min(1);
const id = z.string().regex(idPattern);

const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits, in small letters')
  .describe('SHA-256 of the whole file, 64 hexadecimal digits.');

const SpanWanted = z.strictObject({
  start: z.int().min(0).describe('Its first byte in the file.'),
  length: bytes.describe('Bytes.'),
});

/** Body of `POST /uploads`. */
export const UploadWanted = named(
  'UploadWanted',
  z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(255)
        .describe('Name of the file, without control characters; of a path only the last part is kept.'),
      size: bytes.describe('Bytes of the file.'),
      sha256: Sha256.optional(),
      spans: z
        .array(SpanWanted)
        .min(1)
        .max(1000)
        .optional()
        .describe(
          'Byte ranges that cover the file, each sent by itself, in any order or side by side; default: one, the whole file.',
        ),
      files: z
        .array(
          z.strictObject({
            path: z.string().min(1).max(1024).describe('Relative, with slashes.'),
            size: z.int().min(0).describe('Bytes.'),
          }),
        )
        .min(1)
        .max(maxFiles)
        .optional()
        .describe(
          'Where a slide is several files (MRXS with its folder, a DICOM series): which. Their bytes are sent one behind the other, in this order.',
        ),
    })
    .describe('A file, or the files of one slide, that is to be uploaded.'),
);

/** Body of `PUT /uploads/{id}/sha256`. */
export const UploadHash = named('UploadHash', z.strictObject({ sha256: Sha256 }));

const UploadSpanAnswer = named(
  'UploadSpan',
  z
    .strictObject({
      url: z.string().describe('Path of the tus 1.0 resource that takes its bytes.'),
      start: z.int().min(0).describe('Its first byte in the file.'),
      length: bytes,
      received: z.int().min(0).describe('Bytes of it that are kept, whatever happens.'),
    })
    .describe('A byte range of an upload, sent from its beginning to its end.'),
);

/** An upload, as its sender sees it. */
export const UploadDescription = named(
  'Upload',
  z
    .strictObject({
      uploadId: id.describe('Also the id of the slide.'),
      slideId: id.describe('The slide, which is listed from now on.'),
      name: z.string(),
      size: bytes,
      received: z.int().min(0).describe('Bytes that are kept.'),
      state: z
        .enum(['receiving', 'received', 'done'])
        .describe(
          '`received`: every byte is here, the slide is about to be published; `done`: it is, or its state says why not.',
        ),
      sha256: z.string().optional().describe('What the sender said of the whole file.'),
      duplicateOf: id
        .optional()
        .describe('The slide that held the same bytes already; this one was dropped.'),
      reason: z.string().optional().describe('Why no slide could be made of it, and what to do.'),
      createdAt: z.iso.datetime(),
      expiresAt: z.iso.datetime().describe('When it is given up, unless more bytes arrive before.'),
      spans: z.array(UploadSpanAnswer),
    })
    .describe('An upload. It can be resumed from anywhere: ask each span for its offset, and go on.'),
);

const UploadDuplicate = named(
  'UploadDuplicate',
  z
    .strictObject({ duplicateOf: id })
    .describe('The slide of your organisation that holds the same bytes already: nothing need be sent.'),
);

/** Answer of `POST /uploads`. */
export const UploadStarted = named('UploadStarted', z.union([UploadDescription, UploadDuplicate]));

/** Answer of `GET /uploads`. */
export const UploadList = named(
  'UploadList',
  z.strictObject({ uploads: z.array(UploadDescription).describe('Oldest first.') }),
);

/** Path of an upload. */
export const UploadParams = z.object({
  id: z.string().regex(idPattern, 'an upload id is 32 hexadecimal digits').meta({
    description: 'Id of the upload, which is that of its slide.',
    example: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
  }),
});

/** Path of a span. */
export const SpanParams = z.object({
  span: z.string().regex(idPattern, 'a span id is 32 hexadecimal digits').meta({
    description: 'Id of the span; its address is in the answer that started the upload.',
    example: '9b1f04c7d2e84a3390b7c5d6e1f2a384',
  }),
});

/** An upload, as an example. */
export const uploadExample: z.infer<typeof UploadDescription> = {
  uploadId: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
  slideId: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
  name: 'slide.svs',
  size: 2_147_483_648,
  received: 8_388_608,
  state: 'receiving',
  createdAt: '2026-11-03T09:12:45.120Z',
  expiresAt: '2026-11-10T09:12:47.005Z',
  spans: [
    { url: '/files/9b1f04c7d2e84a3390b7c5d6e1f2a384', start: 0, length: 2_147_483_648, received: 8_388_608 },
  ],
};
