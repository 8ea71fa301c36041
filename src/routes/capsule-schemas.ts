import { z } from 'zod';
import { idPattern } from '../core/ids.ts';
import { CaseIdParam } from './case-schemas.ts';
import { opinionExample } from './opinion-examples.ts';
import { Opinion } from './opinion-schemas.ts';
import { named } from './schemas.ts';

const count = z.int().min(0);

/** Answer of `GET /cases/{id}/capsule.json`. */
export const CapsuleSize = named(
  'CapsuleSize',
  z.strictObject({
    withoutSlides: count.describe('Bytes, roughly.'),
    withSlides: count.describe('Bytes, roughly.'),
    slides: count.describe('How many slides the case has.'),
  }),
);

/** The size of a capsule, as an example. */
export const capsuleSizeExample: z.infer<typeof CapsuleSize> = {
  withoutSlides: 4_812_000,
  withSlides: 2_147_483_648,
  slides: 3,
};

/** Answer of `POST /case-imports`. */
export const CaseImported = named(
  'CaseImported',
  z.strictObject({
    caseId: z.string().regex(idPattern),
    key: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Fingerprint of the key that signed it (SHA-256): compare it with what the laboratory says.'),
    laboratory: z.string().describe('That exported it, as it calls itself.'),
    slides: z.strictObject({
      added: count.describe('Slides that came with it.'),
      known: count.describe('Slides that were here already, by their SHA-256.'),
      missing: count.describe('Slides that are neither in it nor here.'),
    }),
  }),
);

/** An import, as an example. */
export const caseImportedExample: z.infer<typeof CaseImported> = {
  caseId: '5b0f6d1c2a934e7f8d60c3b1a2f4e596',
  key: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
  laboratory: 'Pathology North',
  slides: { added: 2, known: 1, missing: 0 },
};

/** Answer of `GET /cases/{id}/origin`. */
export const CaseOrigin = named(
  'CaseOrigin',
  z.strictObject({
    from: z
      .strictObject({
        laboratory: z.string().describe('That exported it, as it calls itself.'),
        key: z.string().describe('Fingerprint of the key that signed the capsule.'),
        exportedAt: z.iso.datetime(),
        importedAt: z.iso.datetime(),
      })
      .optional()
      .describe('Absent for a case that was begun here.'),
    opinions: z
      .array(z.strictObject({ signed: Opinion.shape.signed, hasReport: z.boolean() }))
      .describe('Signed elsewhere, with keys of elsewhere; oldest first.'),
  }),
);

/** Where a case came from, as an example. */
export const caseOriginExample: z.infer<typeof CaseOrigin> = {
  from: {
    laboratory: 'Pathology North',
    key: caseImportedExample.key,
    exportedAt: '2026-11-03T08:31:12.345Z',
    importedAt: '2026-11-04T10:02:45.120Z',
  },
  opinions: [{ signed: opinionExample.signed, hasReport: true }],
};

/** Path of a report that was signed elsewhere. */
export const ImportedReportParams = z.object({
  id: CaseIdParam,
  position: z
    .string()
    .regex(/^(0|[1-9]\d{0,2})$/)
    .transform(Number)
    .meta({ description: 'Which of the opinions from elsewhere, from 0.', example: 0, type: 'integer' }),
});
