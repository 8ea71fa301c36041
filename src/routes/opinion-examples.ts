import type { z } from 'zod';
import { documentExample } from './case-examples.ts';
import type { Opinion, OpinionDraft, OpinionVerification } from './opinion-schemas.ts';

const key = '3f6c1a9e5b7d2048c1f0e9d8b7a6958473625140f1e2d3c4b5a6978812345678';
const text = {
  diagnosis: 'Atypical Spitz tumour, completely excised.',
  microscopy: 'Symmetrical melanocytic lesion with maturation.',
  comment: 'Ki-67 below 5 %.',
  recommendation: 'Follow-up in six months.',
  agreement: 'agree',
  agreementReason: '',
} as const;
const slideId = '4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const figureId = 'b1d5e3f2a48d6b0e4c1a7f6d3958b9d1';
const signedAt = '2026-11-04T15:02:45.120Z';

/** A draft, as an example. */
export const draftExample: z.infer<typeof OpinionDraft> = {
  version: 7,
  content: { text, figures: [{ documentId: figureId, caption: 'Junctional nests.' }] },
  changedAt: '2026-11-04T14:58:10.002Z',
  proof: 'passcode',
};

/** A signed opinion, as an example. */
export const opinionExample: z.infer<typeof Opinion> = {
  id: 'e0a1b2c3d4e5f60718293a4b5c6d7e8f',
  sha256: '9a1f4346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
  isValid: true,
  signed: {
    content: {
      format: 'telepath-opinion/1',
      id: 'e0a1b2c3d4e5f60718293a4b5c6d7e8f',
      code: 'K7QF2M9TXW4D',
      version: 1,
      case: {
        id: '5b0f6d1c2a934e7f8d60c3b1a2f4e596',
        accession: 'S26-04711',
        pseudonym: 'N-118',
        question: 'Spitz tumour or melanoma?',
        organisation: { id: '0'.repeat(32), name: 'Pathology North' },
      },
      author: {
        kind: 'guest',
        id: 'c2a9f1e07d3b4586a1b2c3d4e5f60718',
        name: 'Prof. Ines Castro',
        organisation: '',
      },
      signedAt,
      meaning: 'I have reviewed the material listed and sign this second opinion.',
      reason: '',
      opinion: text,
      figures: [{ id: figureId, sha256: key, bytes: 81_220, caption: 'Junctional nests.' }],
      slides: [{ id: slideId, sha256: key, bytes: 1_938_955, title: 'A2 · HE' }],
      documents: [
        {
          id: documentExample.id,
          sha256: documentExample.sha256,
          bytes: documentExample.bytes,
          name: documentExample.name,
        },
      ],
      previous: null,
      key,
    },
    publicKey: 'Qm9sZW4gd2lsbCBiZSBib2xlbiwgaGVyZSBpdCBpcy4',
    signature: 'A'.repeat(86),
  },
};

/** What verifying says, as an example. */
export const verificationExample: z.infer<typeof OpinionVerification> = {
  isValid: true,
  service: 'https://telepath.example',
  code: 'K7QF2M9TXW4D',
  signedBy: 'Prof. Ines Castro',
  organisation: '',
  signedAt,
  version: 1,
  isNewest: true,
  key,
};
