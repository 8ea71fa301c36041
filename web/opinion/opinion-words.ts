import type { OpinionText } from '../api/opinions.ts';

/** A case, as far as an opinion is about it: `GET /cases/{id}` gives it. */
export interface OpinionCase {
  readonly id: string;
  /** Counts changes. */
  readonly version: number;
  readonly state: 'draft' | 'sent' | 'in-review' | 'answered' | 'closed';
  readonly priorDiagnosis: string;
  readonly events: readonly { readonly kind: string }[];
  readonly slides: readonly {
    readonly id: string;
    readonly title: string;
    readonly block: string;
    readonly stain: string;
  }[];
  readonly documents: readonly { readonly id: string; readonly name: string }[];
  readonly rights: { readonly answer: boolean };
}

/** How an opinion agrees with the first diagnosis, and what that means. */
export const agreements = [
  ['agree', 'Agrees', 'with the first diagnosis'],
  ['minor', 'Minor discrepancy', 'without consequence for treatment'],
  ['major', 'Major discrepancy', 'with consequence for treatment'],
  ['not-applicable', 'Not applicable', 'there is no first diagnosis'],
] as const;

/** An agreement in words. */
export function agreementWords(agreement: OpinionText['agreement']): string {
  const found = agreements.find(([name]) => name === agreement);
  return found === undefined ? '' : `${found[1]}: ${found[2]}`;
}

/** What signing says. */
export const signingMeaning = 'I have reviewed the material listed and sign this second opinion.';

const isEmpty = (text: string) => text.trim() === '';

/** What an opinion lacks before it can be signed; the service asks for the same. */
export function opinionLacks({ diagnosis, agreement, agreementReason }: OpinionText): readonly string[] {
  const differs = agreement === 'minor' || agreement === 'major';
  return [
    ...(isEmpty(diagnosis) ? ['Write the diagnosis.'] : []),
    ...(agreement === '' ? ['Say whether you agree with the first diagnosis.'] : []),
    ...(differs && isEmpty(agreementReason) ? ['Say where your opinion differs.'] : []),
  ];
}

/** A moment as people here read it. @param at ISO 8601 */
export function momentText(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A code in groups of four. */
export function spacedCode(code: string): string {
  return code.match(/.{4}/g)?.join('-') ?? code;
}
