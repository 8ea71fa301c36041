import type { CaseFields } from './case-record.ts';

/** Something a case lacks before it can be sent, or would be better with. */
export interface Lack {
  /** Where it belongs. */
  readonly part:
    | 'accession'
    | 'specimen'
    | 'history'
    | 'question'
    | 'slides'
    | 'documents'
    | 'consultants'
    | 'dueOn';
  /** `needed`: it cannot be sent without · `advised`: a consultant will miss it. */
  readonly weight: 'needed' | 'advised';
  /** For a person. */
  readonly text: string;
}

/** What completeness is judged by. */
export interface CaseContents extends CaseFields {
  /** For each slide whether it can be viewed now. */
  readonly slides: readonly {
    readonly canBeViewed: boolean;
    readonly block: string;
    readonly stain: string;
  }[];
  readonly documents: number;
  /** How many were asked. */
  readonly consultants: number;
}

const isEmpty = (text: string) => text.trim() === '';

/** What a case lacks, in the order in which it is written down; what is needed first. */
export function lacksOf(contents: CaseContents): readonly Lack[] {
  const unseen = contents.slides.filter(({ canBeViewed }) => !canBeViewed).length;
  const unnamed = contents.slides.filter(({ block, stain }) => isEmpty(block) && isEmpty(stain)).length;
  const needed: [boolean, Lack['part'], string][] = [
    [
      isEmpty(contents.accession) && isEmpty(contents.pseudonym),
      'accession',
      'an accession number or a pseudonym, so that everybody speaks of the same case',
    ],
    [isEmpty(contents.question), 'question', 'the question that is to be answered'],
    [contents.slides.length === 0, 'slides', 'at least one slide'],
    [
      unseen > 0,
      'slides',
      `${unseen === 1 ? 'one slide' : `${unseen} slides`} that cannot be viewed yet: wait until they are ready, or take them out`,
    ],
    [contents.consultants === 0, 'consultants', 'who is asked: a colleague, an organisation, or a link'],
  ];
  const advised: [boolean, Lack['part'], string][] = [
    [isEmpty(contents.specimen), 'specimen', 'what the specimen is and where it comes from'],
    [isEmpty(contents.history), 'history', 'the clinical history'],
    [unnamed > 0, 'slides', 'block and stain of each slide'],
    [
      contents.documents === 0 && isEmpty(contents.priorDiagnosis),
      'documents',
      'the first diagnosis, written down or as a document',
    ],
    [contents.dueOn === undefined, 'dueOn', 'the day by which the answer is needed'],
  ];
  const lacks = (list: typeof needed, weight: Lack['weight']) =>
    list.filter(([isLacking]) => isLacking).map(([, part, text]) => ({ part, weight, text }));
  return [...lacks(needed, 'needed'), ...lacks(advised, 'advised')];
}
