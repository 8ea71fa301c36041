import type { DraftContent, OpinionText } from '../api/opinions.ts';

/**
 * What two windows wrote from the same draft, together: what only one changed is taken from it; of a text that both
 * changed, both are kept.
 *
 * @param base what both began with
 */
export function mergeDrafts(base: DraftContent, here: DraftContent, there: DraftContent): DraftContent {
  const text = { ...here.text };
  for (const name of texts) text[name] = mergedText(base.text[name], here.text[name], there.text[name]);
  if (here.text.agreement === base.text.agreement) text.agreement = there.text.agreement;
  return { text, figures: mergedFigures(base, here, there) };
}

const texts = [
  'diagnosis',
  'microscopy',
  'comment',
  'recommendation',
  'agreementReason',
] as const satisfies readonly (keyof OpinionText)[];

function mergedText(base: string, here: string, there: string): string {
  if (here === there || there === base) return here;
  if (here === base) return there;
  return `${here}\n\n— From another window: —\n${there}`;
}

const idsOf = ({ figures }: DraftContent) => new Set(figures.map(({ documentId }) => documentId));

/** Figures of both; those that either took out are out. */
function mergedFigures(base: DraftContent, here: DraftContent, there: DraftContent): DraftContent['figures'] {
  const [inBase, inHere, inThere] = [idsOf(base), idsOf(here), idsOf(there)];
  const kept = here.figures.filter(({ documentId }) => !inBase.has(documentId) || inThere.has(documentId));
  const added = there.figures.filter(({ documentId }) => !inBase.has(documentId) && !inHere.has(documentId));
  return [...kept, ...added];
}
