import { describe, expect, it } from 'vitest';
import { lacksOf, type CaseContents } from './completeness.ts';

const whole: CaseContents = {
  accession: 'S26-1',
  pseudonym: '',
  specimen: 'Skin',
  history: '34 years',
  question: 'Spitz or melanoma?',
  priorDiagnosis: 'Spitz tumour',
  notes: '',
  testResults: '',
  isUrgent: false,
  dueOn: '2026-12-01',
  patient: { name: '', number: '', sex: '' },
  slides: [{ canBeViewed: true, block: 'A1', stain: '' }],
  documents: 0,
  consultants: 1,
};

const partsOf = (contents: CaseContents, weight: string) =>
  lacksOf(contents)
    .filter((lack) => lack.weight === weight)
    .map(({ part }) => part);

describe('lacksOf', () => {
  it('finds nothing missing in a case that has everything', () => {
    expect(lacksOf(whole)).toEqual([]);
  });

  it.each<[string, Partial<CaseContents>, string[]]>([
    ['a number', { accession: ' ' }, ['accession']],
    ['no number where there is a pseudonym', { accession: '', pseudonym: 'N-1' }, []],
    ['a question', { question: '' }, ['question']],
    ['slides', { slides: [] }, ['slides']],
    ['slides that can be viewed', { slides: [{ canBeViewed: false, block: 'A', stain: '' }] }, ['slides']],
    ['whom to ask', { consultants: 0 }, ['consultants']],
  ])('needs %s', (_what, change, parts) => {
    expect(partsOf({ ...whole, ...change }, 'needed')).toEqual(parts);
  });

  it('advises what a consultant would miss, and does not ask for a document where the diagnosis is written down', () => {
    const { dueOn: _, ...undated } = whole;
    const bare = {
      ...undated,
      specimen: '',
      history: '',
      priorDiagnosis: '',
      slides: [{ canBeViewed: true, block: '', stain: ' ' }],
    };
    expect(partsOf(bare, 'advised')).toEqual(['specimen', 'history', 'slides', 'documents', 'dueOn']);
    expect(partsOf({ ...bare, documents: 1 }, 'advised')).not.toContain('documents');
    expect(partsOf(bare, 'needed')).toEqual([]);
  });
});
