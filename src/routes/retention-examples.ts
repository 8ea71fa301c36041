import type { z } from 'zod';
import type { CertificateDocument, DeletedSlides, StorageUseList } from './retention-schemas.ts';

const slide = '4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const organisation = { id: '0'.repeat(32), name: 'Northern Pathology' };
const account = '9c1d0e8b7d45f1a3c6e9b20d7f185a42';

/** Deleted slides, as an example. */
export const deletedSlides: z.infer<typeof DeletedSlides> = {
  slides: [
    {
      id: slide,
      name: 'CMU-1-Small-Region.svs',
      bytes: 1_938_955,
      deletedAt: '2026-11-20T10:12:45.120Z',
      purgeAt: '2026-12-20T10:12:45.120Z',
      deletedBy: account,
    },
  ],
};

/** A certificate, as an example. */
export const certificate: z.infer<typeof CertificateDocument> = {
  id: '7be2f50c9d1d4f60b1a7c4e2d9380a65',
  sha256: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
  audit: { seq: 4711, hash: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae' },
  content: {
    certificate: '7be2f50c9d1d4f60b1a7c4e2d9380a65',
    slide,
    organisation,
    addedAt: '2026-11-03T08:30:02.007Z',
    deletedAt: '2026-11-20T10:12:45.120Z',
    destroyedAt: '2026-11-20T10:15:02.480Z',
    by: { kind: 'person', account, name: 'Eva Lind' },
    objects: [
      {
        name: 'original/0',
        bytes: 1_938_955,
        sha256: 'ed92d5a9f2e86df67640d6f92ce3e231419ce127131697fbbce42ad5e002c8a7',
      },
    ],
    originalStays: false,
  },
};

/** Storage use, as an example. */
export const useOfStorage: z.infer<typeof StorageUseList> = {
  organisations: [
    {
      organisation,
      slides: 1204,
      bytes: 1_650_000_000_000,
      originalBytes: 1_400_000_000_000,
      madeBytes: 250_000_000_000,
      deletedSlides: 3,
      deletedBytes: 4_100_000_000,
      elsewhereBytes: 0,
    },
  ],
};
