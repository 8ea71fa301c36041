import { goTo, pages } from '../frame/router.ts';
import { Icons } from '../icons.tsx';

/** Leaves a comparison for the case that it was made in, or for all slides. */
export function goBack(caseId: string | undefined): void {
  goTo(caseId === undefined ? pages.slides : `/case/${encodeURIComponent(caseId)}`);
}

/** The button that leaves a comparison. */
export function BackButton({ caseId }: { caseId: string | undefined }) {
  const [name, label] =
    caseId === undefined ? ['Slides', 'Back to the slides'] : ['Case', 'Back to the case'];
  return (
    <button
      type="button"
      class="back"
      aria-label={label}
      title={`${name} (Esc)`}
      onClick={() => goBack(caseId)}
    >
      <Icons.Back />
      <span>{name}</span>
    </button>
  );
}
