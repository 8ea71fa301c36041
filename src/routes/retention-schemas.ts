import { z } from 'zod';
import { slideIdPattern } from '../core/slide.ts';
import { idPattern } from '../core/ids.ts';
import { named } from './schemas.ts';

const bytes = z.int().min(0);
const count = z.int().min(0);
const id = z.string().regex(slideIdPattern);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Answer of `GET /deleted-slides`. */
export const DeletedSlides = named(
  'DeletedSlides',
  z.strictObject({
    slides: z
      .array(
        z
          .strictObject({
            id,
            name: z.string(),
            bytes: bytes.describe('Bytes of the original.'),
            deletedAt: z.iso.datetime(),
            purgeAt: z.iso.datetime().describe('When it is destroyed, unless it is restored before.'),
            deletedBy: z.string().optional().describe('Account.'),
          })
          .describe('A slide that can still be restored.'),
      )
      .describe('Those deleted last first.'),
  }),
);

/** Answer of `POST /slides/{id}/purge`, and the certificate as a document. */
export const CertificateDocument = named(
  'Certificate',
  z
    .strictObject({
      id: z.string().regex(idPattern),
      sha256: sha256.describe('Of `content` as the HTML page shows it; the audit’s row has it, too.'),
      audit: z
        .strictObject({ seq: z.int().min(1), hash: sha256 })
        .describe('The row of the audit that was written in the same transaction.'),
      content: z
        .strictObject({
          certificate: z.string(),
          slide: id,
          organisation: z.strictObject({ id: z.string(), name: z.string() }),
          addedAt: z.iso.datetime(),
          deletedAt: z.iso.datetime(),
          destroyedAt: z.iso.datetime(),
          by: z.strictObject({
            kind: z.string().describe('`person`, or `system` when the time was up.'),
            account: z.string().optional(),
            name: z.string().optional(),
          }),
          objects: z
            .array(z.strictObject({ name: z.string(), bytes, sha256 }))
            .describe('What was destroyed, with the SHA-256 of what was really there.'),
          originalStays: z.boolean().describe('Whether the original lies elsewhere, and was left there.'),
        })
        .describe('What the certificate says; it names no patient and no file.'),
    })
    .describe('What says that a slide was destroyed.'),
);

/** Answer of `GET /certificates`. */
export const CertificateList = named(
  'CertificateList',
  z.strictObject({
    certificates: z
      .array(z.strictObject({ id: z.string(), slide: id, destroyedAt: z.iso.datetime(), bytes }))
      .describe('Newest first.'),
  }),
);

/** Answer of `GET /storage-use`. */
export const StorageUseList = named(
  'StorageUse',
  z.strictObject({
    organisations: z.array(
      z
        .strictObject({
          organisation: z.strictObject({ id: z.string(), name: z.string() }),
          slides: count,
          bytes: bytes.describe('Originals in the store, and what was made of them.'),
          originalBytes: bytes,
          madeBytes: bytes.describe('Pyramids, indexes and checksums, of slides that are complete.'),
          deletedSlides: count,
          deletedBytes: bytes.describe('Deleted, but kept for a while; not in `bytes`.'),
          elsewhereBytes: bytes.describe('Originals that lie elsewhere; not in `bytes`.'),
        })
        .describe('What the slides of one organisation take up.'),
    ),
  }),
);

/** Path of a certificate. */
export const CertificateParams = z.object({
  id: z.string().regex(idPattern, 'a certificate id is 32 hexadecimal digits').meta({
    description: 'Id of the certificate: 32 hexadecimal digits.',
    example: '7be2f50c9d1d4f60b1a7c4e2d9380a65',
  }),
});
