import type { z } from 'zod';
import type { Case, CaseDocument, CaseGrant, CaseList, Message } from './case-schemas.ts';

const id = '5b0f6d1c2a934e7f8d60c3b1a2f4e596';
const slideId = '4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const organisation = { id: '0'.repeat(32), name: 'Pathology North' };
const at = '2026-11-03T08:31:12.345Z';

/** A document, as an example. */
export const documentExample: z.infer<typeof CaseDocument> = {
  id: '9d1c7b5e3f2a48d6b0e4c1a7f6d3958b',
  kind: 'document',
  name: 'first-report.pdf',
  mediaType: 'application/pdf',
  bytes: 48_213,
  sha256: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
  by: 'Ada Meyer',
  addedAt: at,
};

/** Somebody who was asked, as an example. */
export const grantExample: z.infer<typeof CaseGrant> = {
  id: 'c2a9f1e07d3b4586a1b2c3d4e5f60718',
  kind: 'link',
  name: 'Prof. Ines Castro',
  email: 'ines.castro@consult.example',
  showsPatient: false,
  mayAnswer: true,
  hasPasscode: true,
  isMailed: false,
  addedAt: at,
  expiresAt: '2026-11-17T08:31:12.345Z',
  uses: 0,
};

const texts = {
  accession: 'S26-04711',
  pseudonym: 'N-118',
  specimen: 'Skin excision, left upper back',
  question: 'Spitz tumour or melanoma?',
};

/** A case, as an example. */
export const caseExample: z.infer<typeof Case> = {
  id,
  organisation,
  state: 'sent',
  version: 4,
  ...texts,
  history: '34 years, new pigmented lesion, 6 mm.',
  priorDiagnosis: 'Atypical Spitz tumour.',
  notes: '',
  testResults: '',
  isUrgent: true,
  dueOn: '2026-11-10',
  addedBy: 'Ada Meyer',
  addedAt: at,
  changedAt: at,
  sentAt: at,
  slides: [
    {
      id: slideId,
      block: 'A2',
      stain: 'HE',
      position: 0,
      name: 'A2 · HE',
      title: 'A2 · HE',
      state: { kind: 'complete' },
    },
  ],
  documents: [documentExample],
  events: [{ at, kind: 'sent', words: 'sent the case', by: 'Ada Meyer', detail: {} }],
  rights: { edit: false, ask: false, discuss: true, answer: true, patient: false, export: false },
};

/** A list of cases, as an example. */
export const caseListExample: z.infer<typeof CaseList> = {
  cases: [
    {
      id,
      organisation,
      state: 'sent',
      ...texts,
      isUrgent: true,
      isOverdue: false,
      dueOn: '2026-11-10',
      changedAt: at,
      sentAt: at,
      isAsked: true,
      unread: 1,
      slides: [slideId],
      slideCount: 1,
    },
  ],
};

/** A message, as an example. */
export const messageExample: z.infer<typeof Message> = {
  id: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  at,
  by: 'Prof. Ines Castro',
  isOwn: false,
  text: 'Is there a Ki-67 of this block?',
  mark: { slideId, x: 1200, y: 3400.5, zoom: 0.5, degrees: 0 },
};
