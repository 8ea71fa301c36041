import { z } from 'zod';
import { idPattern } from '../../core/ids.ts';
import { Mark } from '../case-messages.ts';

/** Longest text of an opinion, characters. */
export const maxOpinionText = 20_000;

/** Most figures of an opinion. */
export const maxFigures = 24;

/** How an opinion agrees with the first diagnosis. */
export const agreements = ['agree', 'minor', 'major', 'not-applicable'] as const;

/** Agreements in words. */
export const agreementWords: Readonly<Record<(typeof agreements)[number], string>> = {
  agree: 'Agrees with the first diagnosis',
  minor: 'Minor discrepancy: without consequence for treatment',
  major: 'Major discrepancy: with consequence for treatment',
  'not-applicable': 'No first diagnosis to compare with',
};

/** Text that every program reads alike: no lone surrogates, no control characters but line ends and tabs. */
const clean = (max: number) =>
  z
    .string()
    .max(max)
    .refine(
      // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
      (text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text),
      'holds characters that cannot be printed; type them anew',
    );

/** The opinion itself, as its author writes it. */
export const OpinionText = z.strictObject({
  diagnosis: clean(maxOpinionText).describe('The diagnosis; what is read first.'),
  microscopy: clean(maxOpinionText).describe('What is seen.'),
  comment: clean(maxOpinionText).describe('How the diagnosis follows from it.'),
  recommendation: clean(maxOpinionText).describe('What is to be done next.'),
  agreement: z.enum(['', ...agreements]).describe('With the first diagnosis; empty in a draft: not decided.'),
  agreementReason: clean(maxOpinionText).describe('Why it does not agree.'),
});

/** The opinion itself. */
export type OpinionText = z.infer<typeof OpinionText>;

/** A picture of an opinion, as a draft has it. */
export const DraftFigure = z.strictObject({
  documentId: z.string().regex(idPattern).describe('A figure of the case.'),
  caption: clean(2000),
  mark: Mark.optional().describe('Where on a slide it was taken.'),
});

/** What a draft holds. */
export const DraftContent = z.strictObject({
  text: OpinionText,
  figures: z
    .array(DraftFigure)
    .max(maxFigures)
    .refine(
      (figures) => new Set(figures.map(({ documentId }) => documentId)).size === figures.length,
      'a figure stands there twice',
    ),
});

/** What a draft holds. */
export type DraftContent = z.infer<typeof DraftContent>;

/** What somebody says who signs, and why an opinion is amended. */
export const SigningText = clean(2000);

/** A draft nobody has written yet. */
export const emptyDraft: DraftContent = {
  text: {
    diagnosis: '',
    microscopy: '',
    comment: '',
    recommendation: '',
    agreement: '',
    agreementReason: '',
  },
  figures: [],
};

const isEmpty = (text: string) => text.trim() === '';

/** What an opinion lacks before it can be signed, for a person; empty when it lacks nothing. */
export function opinionLacks({ diagnosis, agreement, agreementReason }: OpinionText): readonly string[] {
  return [
    ...(isEmpty(diagnosis) ? ['the diagnosis'] : []),
    ...(agreement === '' ? ['whether you agree with the first diagnosis'] : []),
    ...((agreement === 'minor' || agreement === 'major') && isEmpty(agreementReason)
      ? ['where the opinion differs from the first diagnosis']
      : []),
  ];
}
