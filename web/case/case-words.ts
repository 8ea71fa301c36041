import type { Case, CaseState, CaseText } from '../api/cases.ts';

/** States as they stand on a page. */
export const stateNames: Readonly<Record<CaseState, string>> = {
  draft: 'Draft',
  sent: 'Sent',
  'in-review': 'In review',
  answered: 'Answered',
  closed: 'Closed',
};

/** All states, in their order. */
export const stateOrder: readonly CaseState[] = ['draft', 'sent', 'in-review', 'answered', 'closed'];

/** What a text of a case is called, and what belongs there. */
export const textWords: Readonly<
  Record<CaseText, { readonly name: string; readonly hint?: string; readonly lines: number }>
> = {
  accession: { name: 'Accession number', lines: 1 },
  pseudonym: { name: 'Pseudonym', hint: 'What the consultant reads instead of a name.', lines: 1 },
  question: { name: 'Question', hint: 'What do you want to know?', lines: 3 },
  specimen: { name: 'Specimen', hint: 'What it is, from where, how it was taken.', lines: 2 },
  history: { name: 'Clinical history', lines: 4 },
  priorDiagnosis: { name: 'Your diagnosis so far', lines: 3 },
  notes: { name: 'Physician’s notes', lines: 3 },
  testResults: { name: 'Test results', hint: 'Immunohistochemistry, molecular tests, laboratory.', lines: 3 },
};

/** Texts in the order in which a consultant reads them. */
export const readingOrder: readonly CaseText[] = [
  'question',
  'specimen',
  'history',
  'priorDiagnosis',
  'testResults',
  'notes',
];

/** What a case is called. */
export function caseTitle({ accession, pseudonym }: Pick<Case, 'accession' | 'pseudonym'>): string {
  return [accession, pseudonym].filter((text) => text !== '').join(' · ') || 'Case without a number';
}

/** Where a slide of a case is looked at. */
export function caseSlideUrl(caseId: string, slideId: string, hash = ''): string {
  return `/view/${slideId}?case=${caseId}${hash}`;
}

/** The case in whose context an address is, e.g. a slide opened from a case. */
export function caseInUrl(search: string = location.search): string | undefined {
  const id = new URLSearchParams(search).get('case');
  return id !== null && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/** A day as people write it, e.g. `10 Nov 2026`. */
export function dayText(day: string): string {
  const date = new Date(`${day}T12:00:00`);
  return Number.isNaN(date.getTime()) ? day : date.toLocaleDateString(undefined, { dateStyle: 'medium' });
}
